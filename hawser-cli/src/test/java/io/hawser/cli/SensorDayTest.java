package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SensorDayTest {
    @Test
    void hasAReadingOfEverySensorForEveryMinute() {
        SensorDay day = SensorDay.load();

        assertThat(day.minutes()).isEqualTo(SensorDay.MINUTES);
        for (int minute = 0; minute < day.minutes(); minute++) {
            for (int sensor = 0; sensor < SensorDay.SENSORS.size(); sensor++) {
                String payload = day.payload(minute, sensor);
                assertThat(JsonSyntax.isValid(payload)).isTrue();
                assertThat(SensorDay.minuteOf(payload)).isEqualTo(minute);
            }
        }
    }

    @Test
    void knowsWhatIsNoReading() {
        assertThat(SensorDay.minuteOf("")).isEqualTo(-1);
        assertThat(SensorDay.minuteOf("{\"time\":\"ab:cd\"}")).isEqualTo(-1);
        assertThat(SensorDay.minuteOf("{\"time\":\"24:00\"}")).isEqualTo(-1);
    }
}
