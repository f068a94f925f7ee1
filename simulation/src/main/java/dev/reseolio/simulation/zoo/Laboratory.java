package dev.reseolio.simulation.zoo;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Makes the classes of a mutant, in a folder of their own.
final class Laboratory {
  private static final String JAVA = "/src/main/java/";
  private static final String RESOURCES = "/src/main/resources/";

  private final Path root;
  private final String classPath;

  Laboratory(Path root, String classPath) {
    this.root = root;
    this.classPath = classPath;
  }

  void make(Mutant mutant, Path folder) throws IOException {
    String mutated = mutant.apply(Files.readString(root.resolve(mutant.source())));
    String path = mutant.source();
    if (path.contains(RESOURCES)) {
      write(folder.resolve(after(path, RESOURCES)), mutated);
    } else {
      Path source = folder.resolve("source").resolve(after(path, JAVA));
      write(source, mutated);
      compile(mutant, source, folder);
    }
  }

  private static String after(String path, String mark) {
    return path.substring(path.indexOf(mark) + mark.length());
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void compile(Mutant mutant, Path source, Path folder) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of("-proc:none", "-nowarn", "-cp", classPath, "-d", folder.toString()),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      if (!compiled) {
        throw new IllegalArgumentException(
            "mutant %s does not compile:%n%s".formatted(mutant.name(), said));
      }
    }
  }
}
