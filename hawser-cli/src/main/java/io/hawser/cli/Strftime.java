package io.hawser.cli;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** What {@code strftime(3)} makes of one conversion character, in the C locale. */
final class Strftime {
    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxx", Locale.ROOT);
    private static final DateTimeFormatter ISO_MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxx", Locale.ROOT);

    private Strftime() {}

    /** Such as {@code 2016-08-10T09:47:38+0100}. */
    static String iso(ZonedDateTime time) {
        return ISO.format(time);
    }

    /** Such as {@code 2020-05-06T22:12:00.000000+0100}. */
    static String isoMicros(ZonedDateTime time) {
        return ISO_MICROS.format(time);
    }

    /** What is not a conversion character comes back with its percent sign, as in the C library of GNU. */
    static String format(char conversion, ZonedDateTime t) {
        return switch (conversion) {
            case 'a', 'A', 'b', 'B', 'h', 'p', 'P' -> name(conversion, t);
            case 'd', 'e', 'j', 'm', 'u', 'w' -> day(conversion, t);
            case 'H', 'I', 'k', 'l', 'M', 'S', 's', 'N' -> clock(conversion, t);
            case 'C', 'y', 'Y', 'g', 'G', 'U', 'V', 'W' -> year(conversion, t);
            case 'c' -> all("a b e T Y", ' ', t);
            case 'D', 'x' -> all("m/d/y", '/', t);
            case 'F' -> all("Y-m-d", '-', t);
            case 'R' -> all("H:M", ':', t);
            case 'T', 'X' -> all("H:M:S", ':', t);
            case 'r' -> all("I:M:S", ':', t) + " " + format('p', t);
            case 'z' -> DateTimeFormatter.ofPattern("xx", Locale.ROOT).format(t);
            case 'Z' ->
                t.getZone().getDisplayName(TextStyle.SHORT, Locale.ROOT).equals("Z")
                        ? "UTC"
                        : DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH).format(t);
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "%" + conversion;
        };
    }

    private static String all(String conversions, char separator, ZonedDateTime t) {
        StringBuilder out = new StringBuilder();
        for (String conversion : conversions.split(String.valueOf(separator), -1)) {
            out.append(out.isEmpty() ? "" : separator).append(format(conversion.charAt(0), t));
        }
        return out.toString();
    }

    private static String name(char conversion, ZonedDateTime t) {
        return switch (conversion) {
            case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'p' -> t.getHour() < 12 ? "AM" : "PM";
            case 'P' -> t.getHour() < 12 ? "am" : "pm";
            default -> t.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
        };
    }

    private static String day(char conversion, ZonedDateTime t) {
        return switch (conversion) {
            case 'd' -> number("%02d", t.getDayOfMonth());
            case 'e' -> number("%2d", t.getDayOfMonth());
            case 'j' -> number("%03d", t.getDayOfYear());
            case 'm' -> number("%02d", t.getMonthValue());
            case 'u' -> number("%d", t.getDayOfWeek().getValue());
            default -> number("%d", t.getDayOfWeek().getValue() % 7);
        };
    }

    private static String clock(char conversion, ZonedDateTime t) {
        return switch (conversion) {
            case 'H' -> number("%02d", t.getHour());
            case 'I' -> number("%02d", t.get(ChronoField.CLOCK_HOUR_OF_AMPM));
            case 'k' -> number("%2d", t.getHour());
            case 'l' -> number("%2d", t.get(ChronoField.CLOCK_HOUR_OF_AMPM));
            case 'M' -> number("%02d", t.getMinute());
            case 'S' -> number("%02d", t.getSecond());
            case 's' -> number("%d", t.toEpochSecond());
            default -> number("%09d", t.getNano());
        };
    }

    private static String year(char conversion, ZonedDateTime t) {
        int weekday = t.getDayOfWeek().getValue();
        int dayOfYear = t.getDayOfYear() - 1;
        return switch (conversion) {
            case 'C' -> number("%02d", t.getYear() / 100);
            case 'y' -> number("%02d", t.getYear() % 100);
            case 'Y' -> number("%d", t.getYear());
            case 'g' -> number("%02d", t.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'G' -> number("%d", t.get(IsoFields.WEEK_BASED_YEAR));
            case 'V' -> number("%02d", t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'U' -> number("%02d", (dayOfYear + 7 - weekday % 7) / 7);
            default -> number("%02d", (dayOfYear + 7 - (weekday + 6) % 7) / 7);
        };
    }

    private static String number(String format, long value) {
        return String.format(Locale.ROOT, format, value);
    }
}
