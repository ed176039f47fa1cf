package io.hawser.cli;

import io.hawser.client.Tls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How TLS is to be done: each of these options but {@code --insecure} switches it on. */
final class TlsOptions {
    /** Where the password of a PKCS#12 file is looked for: no option, which others on this machine would see. */
    static final String KEY_PASSWORD = "HAWSER_KEY_PASSWORD";

    @Option(names = "--cafile", paramLabel = "FILE", description = "Certificates to trust, PEM. Switches TLS on.")
    @Nullable
    Path caFile;

    @Option(
            names = "--capath",
            paramLabel = "DIRECTORY",
            description =
                    "Trust the certificates in the files of this directory, PEM (.pem, .crt, .cer, or hashed names).")
    @Nullable
    Path caPath;

    @Option(names = "--cert", paramLabel = "FILE", description = "Certificate of this client, PEM; needs --key.")
    @Nullable
    Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Key of the certificate, PEM (PKCS#8).")
    @Nullable
    Path key;

    @Option(
            names = "--keyform",
            paramLabel = "FORM",
            completionCandidates = Candidates.KeyForms.class,
            defaultValue = "pem",
            description = "pem (default), or pkcs12: --key then has the certificate, too, and the environment variable "
                    + KEY_PASSWORD + " the password.")
    String keyForm = "pem";

    @Option(
            names = "--tls-version",
            paramLabel = "VERSION",
            completionCandidates = Candidates.TlsVersions.class,
            description = "tlsv1.3 or tlsv1.2 and no other (default: both).")
    @Nullable
    String version;

    @Option(
            names = "--ciphers",
            paramLabel = "SUITES",
            description =
                    "Cipher suites by their standard names, such as TLS_AES_128_GCM_SHA256, with colons or commas between.")
    @Nullable
    String ciphers;

    @Option(
            names = "--tls-alpn",
            paramLabel = "NAME",
            description = "Application protocol to ask for, such as mqtt or x-amzn-mqtt-ca.")
    @Nullable
    String applicationProtocol;

    @Option(names = "--insecure", description = "Do not check that the broker's certificate is for its host name.")
    boolean insecure;

    Map<String, String> environment = System.getenv();

    boolean areGiven() {
        return caFile != null || areMoreThanTrust();
    }

    boolean areMoreThanTrust() {
        return caPath != null
                || certificate != null
                || key != null
                || version != null
                || ciphers != null
                || applicationProtocol != null;
    }

    /** @throws IllegalArgumentException if options contradict each other */
    void check() {
        if (!keyForm.equals("pem") && !keyForm.equals("pkcs12")) {
            throw new IllegalArgumentException("--keyform must be pem or pkcs12.");
        }
        if (keyForm.equals("pkcs12") ? key == null || certificate != null : (certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    keyForm.equals("pkcs12")
                            ? "With --keyform pkcs12, --key is needed and --cert is not: the file has both."
                            : "Both --cert and --key must be given if one of them is.");
        }
        if (caFile != null && caPath != null) {
            throw new IllegalArgumentException("Only one of --cafile and --capath can be given.");
        }
        if (version != null && !List.of("tlsv1.2", "tlsv1.3").contains(version)) {
            throw new IllegalArgumentException("--tls-version must be tlsv1.2 or tlsv1.3.");
        }
    }

    Tls settings() {
        Tls tls = trust();
        if (key != null) {
            tls = certificate == null
                    ? tls.identifiedBy(key, environment.getOrDefault(KEY_PASSWORD, ""))
                    : tls.identifiedBy(certificate, key);
        }
        if (version != null) {
            tls = tls.protocols(version.replace("tls", "TLS"));
        }
        if (ciphers != null) {
            tls = tls.cipherSuites(ciphers.split("[:,]", -1));
        }
        if (applicationProtocol != null) {
            tls = tls.applicationProtocols(applicationProtocol);
        }
        return insecure ? tls.withoutHostNameVerification() : tls;
    }

    private Tls trust() {
        if (caPath != null) {
            return Tls.trusting(certificatesIn(caPath));
        }
        return caFile == null ? Tls.platform() : Tls.trusting(caFile);
    }

    /** As OpenSSL has them: hashed names end with a number. */
    private static byte[] certificatesIn(Path directory) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                if (file.getFileName().toString().matches(".*\\.(pem|crt|cer|[0-9]+)")) {
                    all.writeBytes(Files.readAllBytes(file));
                    all.write('\n');
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("--capath " + directory + " cannot be read: " + e.getMessage(), e);
        }
        return all.toByteArray();
    }
}
