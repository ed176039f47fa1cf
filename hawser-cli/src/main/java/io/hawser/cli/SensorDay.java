package io.hawser.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A day at a berth: water level, wind and the tension of a mooring line, every minute, from the file
 * {@code mooring-day.csv}.
 */
final class SensorDay {
    static final int MINUTES = 24 * 60;
    static final List<String> SENSORS = List.of("water-level", "wind-speed", "line-tension");

    private final List<String[]> rows;

    private SensorDay(List<String[]> rows) {
        this.rows = rows;
    }

    static SensorDay load() {
        List<String[]> rows = new ArrayList<>(MINUTES);
        try (InputStream in = SensorDay.class.getResourceAsStream("mooring-day.csv")) {
            if (in == null) {
                throw new IOException("it is not there");
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            reader.readLine();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                rows.add(line.split(",", -1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("mooring-day.csv cannot be read: " + e.getMessage(), e);
        }
        return new SensorDay(rows);
    }

    int minutes() {
        return rows.size();
    }

    /** Such as {@code {"time":"06:31","value":2.417}}. */
    String payload(int minute, int sensor) {
        String[] row = rows.get(minute);
        return "{\"time\":\"" + row[0] + "\",\"value\":" + row[sensor + 1] + "}";
    }

    /** The minute of the day that a payload is for, or -1 if it is none of ours. */
    static int minuteOf(String payload) {
        int start = payload.indexOf("\"time\":\"") + 8;
        if (start < 8 || payload.length() < start + 5) {
            return -1;
        }
        try {
            int hours = Integer.parseInt(payload, start, start + 2, 10);
            int minute = hours * 60 + Integer.parseInt(payload, start + 3, start + 5, 10);
            return minute >= 0 && minute < MINUTES ? minute : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
