package io.hawser.e2e;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds the picture in ARCHITECTURE.md against the classes: who may know whom, and what the core must not touch. */
class ArchitectureTest {

    private static final int MOST_PUBLIC_TYPES = 50;
    /** Classes that can only be understood together: as many as a reader keeps in mind. */
    private static final int LARGEST_KNOT = 10;

    /** Our packages, from the bottom up, and which other ones of ours each may know. */
    private enum Room {
        TEXT("io.hawser.text"),
        MQTT("io.hawser.mqtt", TEXT),
        WIRE("io.hawser.wire", MQTT, TEXT),
        STORE("io.hawser.store", MQTT, TEXT),
        JOURNAL("io.hawser.store.file", STORE, MQTT, TEXT),
        SESSION("io.hawser.session", WIRE, STORE, MQTT, TEXT),
        TRANSPORT("io.hawser.client.transport", MQTT, TEXT),
        DELIVERY("io.hawser.client.delivery", TRANSPORT, SESSION, MQTT, TEXT),
        AUTH("io.hawser.client.auth", SESSION, MQTT, TEXT),
        LOOP("io.hawser.client.loop", DELIVERY, AUTH, TRANSPORT, SESSION, WIRE, STORE, MQTT, TEXT),
        REQUEST("io.hawser.client.request", LOOP, DELIVERY, SESSION, MQTT, TEXT),
        CLIENT("io.hawser.client", REQUEST, LOOP, AUTH, DELIVERY, TRANSPORT, SESSION, WIRE, STORE, MQTT, TEXT),
        TESTING("io.hawser.testing..", SESSION, WIRE, STORE, MQTT, TEXT),
        BRIDGE("io.hawser.bridge..", CLIENT, JOURNAL, STORE, MQTT),
        CLI("io.hawser.cli..", BRIDGE, CLIENT, JOURNAL, STORE, MQTT, TEXT),
        EXAMPLES("io.hawser.examples..", BRIDGE, CLIENT, JOURNAL, STORE, MQTT);

        private final String packages;
        private final Set<Room> knows;

        Room(String packages, Room... knows) {
            this.packages = packages;
            this.knows = Set.of(knows);
        }

        String[] itselfAndWhatItKnows() {
            return Stream.concat(Stream.of(this), knows.stream())
                    .map(room -> room.packages)
                    .toArray(String[]::new);
        }

        static String[] all() {
            return Stream.of(values()).map(room -> room.packages).toArray(String[]::new);
        }
    }

    private static final DescribedPredicate<JavaClass> IN_THE_CORE = resideInAnyPackage(
            Room.TEXT.packages,
            Room.MQTT.packages,
            Room.WIRE.packages,
            Room.STORE.packages,
            Room.JOURNAL.packages,
            Room.SESSION.packages);

    /** The one part of the core that does I/O of its own. */
    private static final DescribedPredicate<JavaClass> IN_THE_JOURNAL = resideInAPackage(Room.JOURNAL.packages);

    private static JavaClasses everything;
    private static Set<String> exported;

    @BeforeAll
    static void lookAtMainClasses() throws IOException {
        everything = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.hawser");
        exported = packagesExportedToEverybody();
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.hawser.(**)").should().beFreeOfCycles().check(everything);
    }

    @Test
    void classesOfAPackageFormNoLargeKnot() {
        assertThat(Knots.largerThan(LARGEST_KNOT, everything))
                .as("classes of one package that all depend on each other")
                .isEmpty();
    }

    @Test
    void everyPackageHasItsRoom() {
        classes().should().resideInAnyPackage(Room.all()).check(everything);
    }

    @ParameterizedTest
    @EnumSource
    void aRoomKnowsOnlyTheRoomsBelow(Room room) {
        classes()
                .that()
                .resideInAPackage(room.packages)
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage("io.hawser..").or(resideInAnyPackage(room.itselfAndWhatItKnows())))
                .allowEmptyShould(true)
                .check(everything);
    }

    @Test
    void theClientNeedsNothingButTheJdkAndALogger() {
        classes()
                .that()
                .resideInAPackage("io.hawser.client..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "javax.net.ssl",
                        "javax.crypto..",
                        "javax.naming..",
                        "javax.security.auth.x500",
                        "io.hawser..",
                        "org.slf4j..",
                        "org.jspecify.annotations"))
                .check(everything);
    }

    @Test
    void theCoreNeedsNothingButTheJdk() {
        classes()
                .that(IN_THE_CORE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "io.hawser..", "org.jspecify.annotations"))
                .check(everything);
    }

    @Test
    void theCoreReadsNoClockStartsNoThreadDrawsNoRandomnessAndDoesNoIo() {
        classes()
                .that(IN_THE_CORE.and(not(IN_THE_JOURNAL)))
                .should(new BeDeterministic())
                .check(everything);
    }

    @Test
    void publicSignaturesSpeakOfTheJdkAndOfExportedTypesOnly() {
        classes()
                .that(DescribedPredicate.describe("are public API", ArchitectureTest::isApi))
                .should(new SpeakOnlyOfKnownTypes(exported))
                .allowEmptyShould(true)
                .check(everything);
    }

    @Test
    void thePublicApiStaysSmall() {
        Set<String> types = everything.stream()
                .filter(ArchitectureTest::isApi)
                .filter(type -> type.getEnclosingClass().isEmpty())
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        // Nested ones, such as events, are read with what they belong to.
        assertThat(types).as("public types").hasSizeLessThanOrEqualTo(MOST_PUBLIC_TYPES);
    }

    @Test
    void onlyVocabularyStoreAndClientAreExportedToEverybody() {
        assertThat(exported)
                .isNotEmpty()
                .isSubsetOf("io.hawser.mqtt", "io.hawser.store", "io.hawser.store.file", "io.hawser.client");
    }

    /** Whether applications can name the type. */
    private static boolean isApi(JavaClass type) {
        return exported.contains(type.getPackageName())
                && isVisible(type.getModifiers())
                && type.getEnclosingClass().map(ArchitectureTest::isApi).orElse(true);
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    /** What the modules of the library, and not this test, say about their packages. */
    private static Set<String> packagesExportedToEverybody() throws IOException {
        Set<String> packages = new TreeSet<>();
        ClassLoader loader = ArchitectureTest.class.getClassLoader();
        for (URL url : Collections.list(loader.getResources("module-info.class"))) {
            try (InputStream in = url.openStream()) {
                ModuleDescriptor module = ModuleDescriptor.read(in);
                if (List.of("io.hawser.core", "io.hawser.client").contains(module.name())) {
                    module.exports().stream()
                            .filter(export -> !export.isQualified())
                            .forEach(export -> packages.add(export.source()));
                }
            }
        }
        return packages;
    }

    /** The same arguments must give the same result, in a test as on a ship. */
    private static final class BeDeterministic extends ArchCondition<JavaClass> {

        /** Types of which nothing is allowed. */
        private static final Set<String> NEVER = Set.of(
                "java.security.SecureRandom",
                "java.time.Clock",
                "java.util.Random",
                "java.util.Timer",
                "java.util.TimerTask",
                "java.util.concurrent.DelayQueue",
                "java.util.concurrent.Executors",
                "java.util.concurrent.ExecutorService",
                "java.util.concurrent.ForkJoinPool",
                "java.util.concurrent.ScheduledExecutorService",
                "java.util.concurrent.ScheduledThreadPoolExecutor",
                "java.util.concurrent.ThreadLocalRandom",
                "java.util.concurrent.ThreadPoolExecutor",
                "java.util.concurrent.locks.LockSupport");

        /** Members that are not, of types that are: "owner.member". */
        private static final Set<String> NOT_THESE = Set.of(
                "java.lang.Math.random",
                "java.lang.System.currentTimeMillis",
                "java.lang.System.nanoTime",
                "java.lang.Thread.<init>",
                "java.lang.Thread.ofPlatform",
                "java.lang.Thread.ofVirtual",
                "java.lang.Thread.sleep",
                "java.lang.Thread.start",
                "java.lang.Thread.startVirtualThread",
                "java.util.Date.<init>()",
                "java.util.SplittableRandom.<init>()",
                "java.util.UUID.randomUUID",
                "java.util.concurrent.CompletableFuture.completeOnTimeout",
                "java.util.concurrent.CompletableFuture.delayedExecutor",
                "java.util.concurrent.CompletableFuture.orTimeout",
                "java.util.random.RandomGenerator.getDefault",
                "java.util.random.RandomGenerator.of");

        private static final List<String> IO = List.of("java.net.", "java.nio.channels.", "java.nio.file.");

        BeDeterministic() {
            super("be deterministic and do no I/O");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            type.getDirectDependenciesFromSelf().stream()
                    .filter(it -> isForbidden(it.getTargetClass()))
                    .forEach(it -> events.add(SimpleConditionEvent.violated(type, it.getDescription())));
            type.getAccessesFromSelf().stream()
                    .filter(BeDeterministic::isForbidden)
                    .forEach(it -> events.add(SimpleConditionEvent.violated(type, it.getDescription())));
        }

        private static boolean isForbidden(JavaClass target) {
            String name = target.getBaseComponentType().getName();
            return NEVER.contains(name) || IO.stream().anyMatch(name::startsWith);
        }

        private static boolean isForbidden(JavaAccess<?> access) {
            String owner = access.getTargetOwner().getName();
            String member = access.getTarget().getName();
            String fullName = owner + "." + member;
            return member.equals("parallelStream")
                    || NOT_THESE.contains(fullName)
                    || NOT_THESE.contains(access.getTarget().getFullName())
                    || owner.startsWith("java.time.") && member.equals("now")
                    || owner.startsWith("java.util.concurrent.Completable") && member.endsWith("Async");
        }
    }

    /** A type of another library, or of a package of ours that is not exported, would become part of our promise. */
    private static final class SpeakOnlyOfKnownTypes extends ArchCondition<JavaClass> {
        private final Set<String> exported;

        SpeakOnlyOfKnownTypes(Set<String> exported) {
            super("speak only of types of the JDK and of exported packages");
            this.exported = exported;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
            parents.forEach(parent -> check(type, parent, type.getDescription(), events));
            for (JavaField field : type.getFields()) {
                if (isVisible(field.getModifiers())) {
                    check(type, field.getType(), field.getDescription(), events);
                }
            }
            for (JavaCodeUnit codeUnit : type.getCodeUnits()) {
                if (isVisible(codeUnit.getModifiers())
                        && !codeUnit.getModifiers().contains(JavaModifier.SYNTHETIC)) {
                    signature(codeUnit).forEach(named -> check(type, named, codeUnit.getDescription(), events));
                }
            }
        }

        private static Stream<JavaType> signature(JavaCodeUnit codeUnit) {
            Stream<JavaType> result = Stream.of(codeUnit.getReturnType());
            Stream<JavaType> parameters = codeUnit.getParameterTypes().stream();
            Stream<JavaType> thrown = codeUnit.getExceptionTypes().stream().map(JavaType.class::cast);
            return Stream.of(result, parameters, thrown).flatMap(it -> it);
        }

        private void check(JavaClass type, JavaType named, String where, ConditionEvents events) {
            named.getAllInvolvedRawTypes().stream()
                    .map(JavaClass::getBaseComponentType)
                    .filter(raw -> !isKnown(raw))
                    .forEach(raw ->
                            events.add(SimpleConditionEvent.violated(type, where + " speaks of " + raw.getName())));
        }

        private boolean isKnown(JavaClass type) {
            return type.isPrimitive()
                    || type.getPackageName().startsWith("java.")
                    || type.getPackageName().startsWith("javax.net.")
                    || exported.contains(type.getPackageName());
        }
    }
}
