package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTest {
    @ParameterizedTest
    @CsvSource({
        "UNSUPPORTED_PROTOCOL_VERSION, 1, unacceptable protocol version",
        "CLIENT_IDENTIFIER_NOT_VALID, 2, identifier rejected",
        "SERVER_UNAVAILABLE, 3, broker unavailable",
        "BAD_USER_NAME_OR_PASSWORD, 4, bad user name or password",
        "NOT_AUTHORIZED, 5, not authorised",
    })
    void exitsWithTheReturnCodeOfConnack(ReasonCode reason, int code, String words) {
        Failure failure =
                Failure.ofConnect(new CompletionException(new RequestRejectedException("CONNECT", null, reason)));

        assertThat(failure).isEqualTo(new Failure(code, "Connection error: Connection Refused: " + words + "."));
        assertThat(failure.refusedByBroker()).isTrue();
    }

    @Test
    void namesWhatTheNetworkSaid() {
        Throwable refused = new ConnectionException("cannot connect", new ConnectException("Connection refused: x"));
        Throwable unknown = new ConnectionException("cannot connect", new UnknownHostException("nowhere"));

        assertThat(Failure.ofConnect(refused)).isEqualTo(new Failure(1, "Error: Connection refused"));
        assertThat(Failure.ofConnect(unknown)).isEqualTo(new Failure(1, "Unable to connect (Lookup error.)."));
        assertThat(Failure.ofConnect(new ConnectionException("no CONNACK within PT10S")))
                .isEqualTo(new Failure(1, "Error: no CONNACK within PT10S"));
    }

    @Test
    void givesTheTextOfExpectedErrorsAndTheKindOfOthers() {
        assertThat(Failure.of(new IOException("Zero length input.")).text()).isEqualTo("Error: Zero length input.");
        assertThat(Failure.of(new IllegalStateException("odd")).text())
                .isEqualTo("Error: java.lang.IllegalStateException: odd");
    }
}
