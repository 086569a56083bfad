package dk.par87;

import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;

/** Reads and writes the times and dates of the messages, for the classes that xjc makes with these bindings. */
public final class Times {
    /** Reads a time; XML allows white space around it. */
    public static OffsetDateTime moment(String text) {
        return OffsetDateTime.parse(text.trim());
    }

    /** Reads a date; XML allows white space around it. */
    public static LocalDate day(String text) {
        return LocalDate.parse(text.trim());
    }

    /** Writes a time with its seconds, which its own text leaves out where they are zero. */
    public static String text(OffsetDateTime moment) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(moment);
    }

    /** Writes a date. */
    public static String text(LocalDate day) {
        return day.toString();
    }

    private Times() {}
}
