package io.hawser.client.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of SCRAM-SHA-256, against the example of RFC 7677, section 3. */
class ScramSha256Test {
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String COMBINED = NONCE + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String SERVER_FIRST = "r=" + COMBINED + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private final ScramSha256 scram = new ScramSha256(Credentials.of("user", "pencil"), NONCE);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void saysWhatTheExampleOfTheRfcSays() throws Exception {
        assertThat(scram.method()).isEqualTo("SCRAM-SHA-256");
        assertThat(text(scram.begin())).isEqualTo("n,,n=user,r=" + NONCE);
        assertThat(text(scram.challenge(bytes(SERVER_FIRST))))
                .isEqualTo("c=biws,r=" + COMBINED + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        scram.complete(bytes(SERVER_FINAL));
    }

    @Test
    void anotherSignatureIsRefused() throws Exception {
        scram.challenge(bytes(SERVER_FIRST));

        assertThatThrownBy(() -> scram.complete(bytes(SERVER_FINAL.replace("6rri", "7rri"))))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("signature is wrong")
                .hasMessageNotContaining("rriTRBi");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'' | lacks attribute v", "e=other-error | says: other-error", "v=?? | Base64"})
    void anythingButASignatureIsRefused(String serverFinal, String why) throws Exception {
        scram.challenge(bytes(SERVER_FIRST));

        assertThatThrownBy(() -> scram.complete(bytes(serverFinal)))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aBrokerThatAcceptsWithoutProofIsRefused() {
        assertThatThrownBy(() -> scram.complete(bytes(SERVER_FINAL)))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("without having been asked");
    }

    @Test
    void aSecondChallengeIsRefused() throws Exception {
        scram.challenge(bytes(SERVER_FIRST));

        assertThatThrownBy(() -> scram.challenge(bytes(SERVER_FIRST))).isInstanceOf(GeneralSecurityException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | must have 3",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z | must have 3",
                "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096 | extension",
                "s=W22Z,r=rOprNGfwEbeRWgbNEkqOx,i=4096 | lacks attribute r",
                "r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096 | nonce",
                "r=xOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096 | nonce",
                "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096 | salt",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W2!Z,i=4096 | salt",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4095 | 4096 to 1200000",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=1200001 | 4096 to 1200000",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=-1 | 4096 to 1200000",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=99999999999 | 4096 to 1200000",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=many | 4096 to 1200000",
            })
    void aFirstMessageThatIsNotSafeToAnswerIsRefused(String serverFirst, String why) {
        assertThatThrownBy(() -> scram.challenge(bytes(serverFirst)))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining(why);
    }

    @Test
    void extensionsBehindTheIterationCountAreIgnored() throws Exception {
        assertThat(text(scram.challenge(bytes(SERVER_FIRST + ",x=more")))).startsWith("c=biws,r=" + COMBINED);
    }

    @Test
    void everyExchangeHasANonceOfItsOwn() {
        Credentials credentials = Credentials.of("user", "pencil");

        assertThat(text(new ScramSha256(credentials).begin()))
                .startsWith("n,,n=user,r=")
                .hasSizeGreaterThan(12 + 30)
                .isNotEqualTo(text(new ScramSha256(credentials).begin()));
    }

    @Test
    void signsOfTheProtocolInUserNamesAreEscaped() {
        assertThat(text(new ScramSha256(Credentials.of("a=b,c", "p"), "N").begin()))
                .isEqualTo("n,,n=a=3Db=2Cc,r=N");
    }

    @Test
    void secretsDoNotShow() {
        assertThat(scram.toString()).contains("user").doesNotContain("pencil");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScramSha256(Credentials.of("user", "pen\u0007cil")))
                .withMessageContaining("at 3")
                .withMessageNotContaining("pen");
    }

    @Test
    void needsUserNameAndPasswordInText() {
        for (Credentials credentials : new Credentials[] {
            Credentials.of("user"),
            Credentials.ofPassword(bytes("pencil")),
            Credentials.of("user", ""),
            Credentials.of("", "pencil"),
            Credentials.of("user", "\u00AD"),
            Credentials.of("user", new byte[] {(byte) 0xFF}),
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> ScramSha256.validate(credentials));
        }
    }

    /** The examples of RFC 4013, section 3, and one of mapped spaces. */
    @ParameterizedTest
    @CsvSource({"I\u00ADX, IX", "user, user", "USER, USER", "\u00AA, a", "\u2168, IX", "a\u00A0b\u3000c, a b c"})
    void equalTextsArePreparedToOneForm(String given, String prepared) {
        assertThat(SaslPrep.prepared("text", given)).isEqualTo(prepared);
    }

    /** The examples of RFC 4013, section 3, and one of each table. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0007",
                "\u06271",
                "a\u0627",
                "\u0080",
                "\u2028",
                "\u2029",
                "\u200E",
                "\uE000",
                "\uFFFD",
                "\uFFFE",
                "\uD800",
                "\u2FF0",
                "\uDB40\uDC41",
                "\u0378"
            })
    void whatIsProhibitedIsRefused(String given) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SaslPrep.prepared("text", given))
                .withMessageContaining("RFC 4013");
    }

    @Test
    void textFromRightToLeftIsFine() {
        assertThat(SaslPrep.prepared("text", "\u0627\u0628")).isEqualTo("\u0627\u0628");
    }
}
