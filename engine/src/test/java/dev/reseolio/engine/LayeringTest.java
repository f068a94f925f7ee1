package dev.reseolio.engine;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// Which package may import which; package-info.java of each says the same.
class LayeringTest {
  private static final String ROOT = "dev.reseolio.engine";
  private static final JavaClasses ENGINE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages(ROOT);

  @Test
  void everyRoomImportsWhatItMay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
        .layer("job")
        .definedBy(ROOT + ".job")
        .layer("store")
        .definedBy(ROOT + ".store")
        .layer("postgres")
        .definedBy(ROOT + ".store.postgres")
        .layer("flush")
        .definedBy(ROOT + ".flush")
        .layer("dispatch")
        .definedBy(ROOT + ".dispatch")
        .layer("watch")
        .definedBy(ROOT + ".watch")
        .layer("cluster")
        .definedBy(ROOT + ".cluster")
        .layer("upkeep")
        .definedBy(ROOT + ".upkeep")
        .layer("engine")
        .definedBy(ROOT)
        .whereLayer("job")
        .mayNotAccessAnyLayer()
        .whereLayer("store")
        .mayOnlyAccessLayers("job")
        .whereLayer("postgres")
        .mayOnlyAccessLayers("job", "store")
        .whereLayer("flush")
        .mayOnlyAccessLayers("job", "store", "watch")
        .whereLayer("dispatch")
        .mayOnlyAccessLayers("job", "store", "flush")
        .whereLayer("watch")
        .mayOnlyAccessLayers("job", "store")
        .whereLayer("cluster")
        .mayOnlyAccessLayers("job", "store", "flush", "dispatch")
        .whereLayer("upkeep")
        .mayOnlyAccessLayers("store")
        .whereLayer("postgres")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("engine")
        .mayNotBeAccessedByAnyLayer()
        .ensureAllClassesAreContainedInArchitecture()
        .check(ENGINE);
  }

  @Test
  void noPackagesImportEachOther() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(ENGINE);
  }

  @Test
  void theRulesAreALeafWithoutIoOrThreadsOrClock() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".job")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".job",
            "java.lang",
            "java.lang.runtime",
            "java.lang.invoke",
            "java.util",
            "java.util.function",
            "java.util.random",
            "java.util.stream",
            "java.time",
            "java.time.temporal",
            "java.time.chrono",
            "org.jspecify.annotations",
            "")
        .check(ENGINE);
  }

  @Test
  void onlyTheStoreKnowsPostgresql() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".store.postgres")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..", "com.zaxxer..")
        .check(ENGINE);
  }

  @Test
  void theEngineHasNeverHeardOfGrpcOrHttp() {
    noClasses()
        .that(alwaysTrue())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.grpc..", "com.google.protobuf..", "com.sun.net.httpserver..", "java.net.http..")
        .check(ENGINE);
  }
}
