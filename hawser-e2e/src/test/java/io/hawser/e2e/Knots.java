package io.hawser.e2e;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The knots of packages: classes of one package, nested ones counted with what they belong to, that all depend on each other, directly or
 * through others (the strongly connected components of the graph of dependencies, found with Tarjan's algorithm).
 */
final class Knots {
    private final Map<String, Set<String>> graph;
    private final Map<String, Integer> found = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private final Set<String> isOpen = new HashSet<>();
    private final List<Set<String>> knots = new ArrayList<>();

    private Knots(Map<String, Set<String>> graph) {
        this.graph = graph;
    }

    /** Those of these classes with more than {@code most} members, by their names. */
    static List<Set<String>> largerThan(int most, JavaClasses classes) {
        Map<String, Set<String>> graph = new TreeMap<>();
        for (JavaClass type : classes) {
            JavaClass from = outermost(type);
            Set<String> targets = graph.computeIfAbsent(from.getName(), name -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> outermost(dependency.getTargetClass().getBaseComponentType()))
                    .filter(target -> target.getPackageName().equals(from.getPackageName()) && !target.equals(from))
                    .forEach(target -> targets.add(target.getName()));
        }
        return new Knots(graph)
                .find().stream().filter(knot -> knot.size() > most).toList();
    }

    static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(Knots::outermost).orElse(type);
    }

    private List<Set<String>> find() {
        for (String type : graph.keySet()) {
            if (!found.containsKey(type)) {
                visit(type);
            }
        }
        return knots;
    }

    private void visit(String type) {
        int number = found.size();
        found.put(type, number);
        lowest.put(type, number);
        open.push(type);
        isOpen.add(type);
        for (String target : graph.getOrDefault(type, Set.of())) {
            if (!found.containsKey(target)) {
                visit(target);
                lowest.merge(type, lowest.get(target), Math::min);
            } else if (isOpen.contains(target)) {
                lowest.merge(type, found.get(target), Math::min);
            }
        }
        if (lowest.get(type) == number) {
            Set<String> knot = new TreeSet<>();
            String member;
            do {
                member = open.pop();
                isOpen.remove(member);
                knot.add(member);
            } while (!member.equals(type));
            knots.add(knot);
        }
    }
}
