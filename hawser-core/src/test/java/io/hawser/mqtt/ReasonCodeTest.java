package io.hawser.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every number from 0 to 255 is a reason code; those without a name in MQTT 5.0 keep their number. */
class ReasonCodeTest {
    @Test
    void everyNumberHasOneInstance() {
        for (int code = 0; code < 256; code++) {
            ReasonCode reasonCode = ReasonCode.of(code);

            assertThat(reasonCode.code()).isEqualTo(code);
            assertThat(reasonCode).isSameAs(ReasonCode.of(code)).isSameAs(ReasonCode.ofName(reasonCode.toString()));
            assertThat(reasonCode.isError()).isEqualTo(code >= 128);
        }
        assertThat(IntStream.range(0, 256).filter(code -> ReasonCode.of(code).isKnown()))
                .hasSize(43);
    }

    @Test
    void whatHasNoNameIsShownByItsNumber() {
        assertThat(ReasonCode.of(0xE7)).hasToString("0xE7");
        assertThat(ReasonCode.of(0xE7).isKnown()).isFalse();
        assertThat(ReasonCode.of(0x87)).isSameAs(ReasonCode.NOT_AUTHORIZED).hasToString("NOT_AUTHORIZED");
    }

    @Test
    void otherNumbersAndNamesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReasonCode.of(256))
                .withMessage("reason code is 256, must be 0 to 255");
        assertThatIllegalArgumentException().isThrownBy(() -> ReasonCode.of(-1)).withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReasonCode.ofName("REFUSED"))
                .withMessage("'REFUSED' is no reason code");
    }

    @Test
    void isTheSameInstanceAfterSerialization() throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(ReasonCode.of(0xE7));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isSameAs(ReasonCode.of(0xE7));
        }
    }
}
