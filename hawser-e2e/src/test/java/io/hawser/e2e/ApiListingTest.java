package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** No part of the public API comes, goes or changes unseen: it stands in {@code docs/api.txt}. */
class ApiListingTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path LISTING = ROOT.resolve("docs/api.txt");
    private static final String WRITE = "hawser.api.write";

    @Test
    void theApiIsWhatTheListingSays() throws IOException {
        List<String> lines = ApiListing.lines();
        if (Boolean.getBoolean(WRITE)) {
            Files.write(LISTING, lines);
        }
        assertThat(lines)
                .as(
                        "the public API; if the change is meant, write %s anew and commit it:%nmvn verify -pl hawser-e2e -am"
                                + " -Dtest=ApiListingTest -Dsurefire.failIfNoSpecifiedTests=false -D%s",
                        LISTING, WRITE)
                .isEqualTo(Files.readAllLines(LISTING));
    }

    @Test
    void javadocLeavesOutWhatIsExportedToOurModulesOnly() throws IOException {
        String core = Files.readString(ROOT.resolve("hawser-core/src/main/java/module-info.java"));
        List<String> qualified = Pattern.compile("exports (\\S+) to")
                .matcher(core)
                .results()
                .map(export -> export.group(1))
                .toList();
        Matcher excluded = Pattern.compile("<excludePackageNames>(.*)</excludePackageNames>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertThat(excluded.find()).isTrue();
        assertThat(excluded.group(1).split(",")).containsExactlyInAnyOrderElementsOf(qualified);
    }
}
