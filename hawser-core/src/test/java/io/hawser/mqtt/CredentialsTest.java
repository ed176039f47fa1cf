package io.hawser.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class CredentialsTest {
    @Test
    void passwordNeverShows() {
        assertThat(Credentials.of("me", "secret")).hasToString("Credentials[me, password]");
        assertThat(Credentials.of("me")).hasToString("Credentials[me]");
        assertThat(Credentials.of("me\u2028")).hasToString("Credentials[me\\u2028]");
        assertThat(Credentials.ofPassword(new byte[] {1})).hasToString("Credentials[no user name, password]");
    }

    @Test
    void passwordIsCopiedInAndOut() {
        byte[] password = {1, 2};
        Credentials credentials = Credentials.of("me", password);
        password[0] = 9;
        assertThat(credentials.password()).containsExactly(1, 2);
        credentials.password()[0] = 9;
        assertThat(credentials.password()).containsExactly(1, 2);
        assertThat(Credentials.of("me").password()).isNull();
        Credentials token = Credentials.ofPassword(password);
        password[0] = 8;
        assertThat(token.userName()).isNull();
        assertThat(token.password()).containsExactly(9, 2);
        assertThat(Credentials.of("", "é").password()).containsExactly(0xc3, 0xa9);
    }

    @Test
    void lengthsHaveLimits() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.of("x".repeat(65_536)))
                .withMessageContaining("user name has 65536 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.of("me", new byte[65_536]))
                .withMessageContaining("password has 65536 bytes");
    }
}
