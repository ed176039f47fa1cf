package io.hawser.wire;

import static io.hawser.wire.Properties.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.UserProperty;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropertiesTest {
    @Test
    void valuesAreCheckedWhenTheyAreSet() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NONE.with(Property.RECEIVE_MAXIMUM, 0))
                .withMessage("RECEIVE_MAXIMUM is 0, must be 1 to 65535");
        assertThatIllegalArgumentException().isThrownBy(() -> NONE.with(Property.MAXIMUM_QOS, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> NONE.with(Property.REASON_STRING, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NONE.with(Property.RECEIVE_MAXIMUM, "1"))
                .withMessage("RECEIVE_MAXIMUM is TWO_BYTES, not TEXT");
        assertThatIllegalArgumentException().isThrownBy(() -> NONE.with(Property.REASON_STRING, new byte[1]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NONE.with(Property.REASON_STRING, "\0"))
                .withMessageStartingWith("REASON_STRING has U+0000 at index 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NONE.with(Property.AUTHENTICATION_DATA, new byte[65_536]))
                .withMessage("AUTHENTICATION_DATA has 65536 bytes, must have at most 65535");
    }

    @Test
    void changesMakeCopies() {
        byte[] data = {1};
        Properties first = NONE.with(Property.AUTHENTICATION_DATA, data);
        data[0] = 2;
        Properties second = first.with(Property.REASON_STRING, "r").with(List.of(new UserProperty("k", "v")));

        assertThat(first.binary(Property.AUTHENTICATION_DATA)).containsExactly(1);
        assertThat(first.has(Property.REASON_STRING)).isFalse();
        assertThat(first.userProperties()).isEmpty();
        assertThat(second.reasonString()).isEqualTo("r");
        assertThat(second.without(Property.REASON_STRING).reasonString()).isEmpty();
        assertThat(second.reasonString()).isEqualTo("r");
        assertThat(NONE.isEmpty()).isTrue();
        assertThat(second.number(Property.RECEIVE_MAXIMUM, 7)).isEqualTo(7);
    }

    @Test
    void equalIfEachValueIs() {
        Properties one = NONE.with(Property.AUTHENTICATION_DATA, new byte[] {1}).with(Property.RECEIVE_MAXIMUM, 5);
        Properties same = NONE.with(Property.RECEIVE_MAXIMUM, 5).with(Property.AUTHENTICATION_DATA, new byte[] {1});

        assertThat(one).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(one).isNotEqualTo(same.with(Property.AUTHENTICATION_DATA, new byte[] {2}));
        assertThat(one).isNotEqualTo(same.with(List.of(new UserProperty("k", "v"))));
        assertThat(one).isNotEqualTo(NONE);
    }

    @Test
    void textShowsNoSecrets() {
        Properties properties = NONE.with(Property.AUTHENTICATION_DATA, new byte[] {1})
                .with(Property.REASON_STRING, "secret")
                .with(Property.RECEIVE_MAXIMUM, 5)
                .with(List.of(new UserProperty("secret", "secret")));

        assertThat(properties.toString())
                .contains("RECEIVE_MAXIMUM=5", "REASON_STRING", "1 user properties")
                .doesNotContain("secret");
    }
}
