package io.hawser.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public API as text: each type and member that an application can name, a line each, in an order that stays. */
final class ApiListing {
    private static final Set<String> MODULES =
            Set.of("io.hawser.core", "io.hawser.client", "io.hawser.bridge", "io.hawser.testing");
    private static final int SHOWN = Modifier.ABSTRACT | Modifier.FINAL | Modifier.PROTECTED | Modifier.STATIC;

    private ApiListing() {}

    static List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : types()) {
            lines.add(header(type));
            Stream<Member> members = Stream.of(
                            type.getDeclaredFields(),
                            type.getDeclaredConstructors(),
                            type.getDeclaredMethods(),
                            hasHiddenParent(type) ? type.getSuperclass().getDeclaredMethods() : new Method[0])
                    .flatMap(Arrays::<Member>stream);
            members.filter(ApiListing::isApi)
                    .map(member -> "    " + line(member))
                    .sorted()
                    .forEach(lines::add);
        }
        return lines;
    }

    /** Whether the methods of the superclass are the type's own for an application, which cannot name the superclass. */
    private static boolean hasHiddenParent(Class<?> type) {
        return type.getSuperclass() != null && !isVisible(type.getSuperclass().getModifiers());
    }

    /** Of the modules that applications depend on, those that can be named. */
    private static List<Class<?>> types() {
        try {
            Set<String> names = new TreeSet<>();
            ClassLoader loader = ApiListing.class.getClassLoader();
            for (URL url : Collections.list(loader.getResources("module-info.class"))) {
                try (InputStream in = url.openStream()) {
                    ModuleDescriptor module = ModuleDescriptor.read(in);
                    if (MODULES.contains(module.name())) {
                        for (ModuleDescriptor.Exports export : module.exports()) {
                            if (!export.isQualified()) {
                                names.addAll(classesIn(url, export.source()));
                            }
                        }
                    }
                }
            }
            List<Class<?>> types = new ArrayList<>();
            for (String name : names) {
                Class<?> type = Class.forName(name, false, loader);
                if (isVisible(type)) {
                    types.add(type);
                }
            }
            return types;
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> classesIn(URL descriptor, String packageName) throws IOException {
        if (!descriptor.getProtocol().equals("jar")) {
            return classesIn(Path.of(uri(descriptor)).resolveSibling(packageName.replace('.', '/')), packageName);
        }
        String jar = descriptor.getPath().substring(0, descriptor.getPath().indexOf("!/"));
        try (FileSystem files = FileSystems.newFileSystem(Path.of(URI.create(jar)))) {
            return classesIn(files.getPath(packageName.replace('.', '/')), packageName);
        }
    }

    private static URI uri(URL url) {
        try {
            return url.toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> classesIn(Path folder, String packageName) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .map(name -> packageName + "." + name.substring(0, name.length() - ".class".length()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        return isVisible(type.getModifiers())
                && !type.isSynthetic()
                && (type.getDeclaringClass() == null
                        ? !type.isAnonymousClass() && !type.isLocalClass()
                        : isVisible(type.getDeclaringClass()));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    /** Without what the compiler adds: bridges, and the three methods of {@code Object} that every record has, as final ones. */
    private static boolean isApi(Member member) {
        boolean ofEveryRecord = member.getDeclaringClass().isRecord()
                && member instanceof Method
                && Modifier.isFinal(member.getModifiers());
        return isVisible(member.getModifiers()) && !member.isSynthetic() && !ofEveryRecord;
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        int shown =
                type.isInterface() || type.isEnum() || type.isRecord() ? Modifier.PROTECTED : SHOWN & ~Modifier.STATIC;
        List<Type> parents = new ArrayList<>();
        if (type.getGenericSuperclass() != null
                && !type.isEnum()
                && !type.isRecord()
                && type.getSuperclass() != Object.class
                && !hasHiddenParent(type)) {
            parents.add(type.getGenericSuperclass());
        }
        parents.addAll(List.of(type.getGenericInterfaces()));
        return modifiers(type.getModifiers() & shown) + (type.isSealed() ? "sealed " : "") + kind + " " + type.getName()
                + variables(type.getTypeParameters())
                + (parents.isEmpty()
                        ? ""
                        : " : " + parents.stream().map(ApiListing::name).collect(Collectors.joining(", ")));
    }

    private static String line(Member member) {
        String deprecated = ((AnnotatedElement) member).isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
        int shown = member.getDeclaringClass().isInterface() ? Modifier.STATIC : SHOWN;
        String modifiers = deprecated + modifiers(member.getModifiers() & shown);
        if (member instanceof Field field) {
            return modifiers + name(field.getGenericType()) + " " + field.getName();
        }
        if (member instanceof Constructor<?> constructor) {
            return modifiers + "new" + signature(constructor);
        }
        Method method = (Method) member;
        String variables = variables(method.getTypeParameters());
        return modifiers + (method.isDefault() ? "default " : "") + (variables.isEmpty() ? "" : variables + " ")
                + name(method.getGenericReturnType()) + " " + method.getName() + signature(method);
    }

    private static String signature(Executable executable) {
        String parameters = Arrays.stream(executable.getParameters())
                .map(ApiListing::parameter)
                .collect(Collectors.joining(", ", "(", ")"));
        String thrown = Arrays.stream(executable.getGenericExceptionTypes())
                .map(ApiListing::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return parameters + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String parameter(Parameter parameter) {
        String type = name(parameter.getParameterizedType());
        return parameter.isVarArgs() ? type.substring(0, type.length() - 2) + "..." : type;
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> variable.getName()
                                + Arrays.stream(variable.getBounds())
                                        .filter(bound -> bound != Object.class)
                                        .map(ApiListing::name)
                                        .collect(Collectors.collectingAndThen(
                                                Collectors.joining(" & "),
                                                bounds -> bounds.isEmpty() ? "" : " extends " + bounds)))
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    /** Without the packages that are on every second line. */
    private static String name(Type type) {
        return type.getTypeName()
                .replaceAll(
                        "\\b(java\\.lang|java\\.util|java\\.util\\.concurrent|java\\.util\\.function|java\\.time|io\\.hawser\\.\\w+)\\.(?=[A-Z])",
                        "");
    }

    private static String modifiers(int modifiers) {
        return modifiers == 0 ? "" : Modifier.toString(modifiers) + " ";
    }
}
