package dev.reseolio.engine;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Which package may import which; package-info.java of each says the same.
class LayeringTest {
  private static final String ROOT = "dev.reseolio.engine";
  private static final Set<String> AROUND_THE_MACHINE =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.lang.Math.random",
          "java.lang.Thread.<init>",
          "java.lang.Thread.ofVirtual",
          "java.lang.Thread.ofPlatform",
          "java.lang.Thread.startVirtualThread",
          "java.lang.Thread.sleep",
          "java.lang.Thread.yield",
          "java.lang.Thread.join",
          "java.lang.Object.wait",
          "java.time.Instant.now",
          "java.time.InstantSource.system",
          "java.time.Clock.systemUTC",
          "java.util.UUID.randomUUID",
          "java.util.Timer.<init>",
          "java.util.concurrent.ThreadLocalRandom.current",
          "java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor",
          "java.util.concurrent.ForkJoinPool.commonPool",
          "java.util.concurrent.CompletableFuture.supplyAsync",
          "java.util.concurrent.CompletableFuture.runAsync",
          "java.util.concurrent.locks.LockSupport.parkNanos",
          "java.util.concurrent.locks.LockSupport.parkUntil");
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
        .layer("machine")
        .definedBy(ROOT + ".machine")
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
        .whereLayer("machine")
        .mayNotAccessAnyLayer()
        .whereLayer("store")
        .mayOnlyAccessLayers("job")
        .whereLayer("postgres")
        .mayOnlyAccessLayers("job", "store", "machine")
        .whereLayer("flush")
        .mayOnlyAccessLayers("job", "store", "watch", "machine")
        .whereLayer("dispatch")
        .mayOnlyAccessLayers("job", "store", "flush", "machine")
        .whereLayer("watch")
        .mayOnlyAccessLayers("job", "store", "machine")
        .whereLayer("cluster")
        .mayOnlyAccessLayers("job", "store", "flush", "dispatch", "machine")
        .whereLayer("upkeep")
        .mayOnlyAccessLayers("store", "machine")
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

  /// The simulation has a clock, a scheduler and chance of its own: what takes them from elsewhere
  /// escapes it. The store on PostgreSQL is not simulated.
  @Test
  void timeThreadsAndChanceComeFromTheMachine() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + ".machine", ROOT + ".store.postgres")
        .should()
        .callCodeUnitWhere(describe("goes around the machine", LayeringTest::aroundTheMachine))
        .check(ENGINE);
  }

  private static boolean aroundTheMachine(JavaCall<?> call) {
    return AROUND_THE_MACHINE.contains(call.getTargetOwner().getName() + "." + call.getName())
        || call.getTarget().getRawParameterTypes().stream()
            .anyMatch(t -> t.isEquivalentTo(TimeUnit.class))
        || (call.getTargetOwner().isAssignableTo(RandomGenerator.class)
            && call.getName().equals("<init>")
            && call.getTarget().getRawParameterTypes().isEmpty());
  }
}
