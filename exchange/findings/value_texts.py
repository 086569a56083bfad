"""What is probably wrong with a value, as the first sentence of a hint, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

DIAGNOSES: dict[str, Words] = {
    "number-nine": Words(
        "It has nine digits: was a leading zero lost? ", "Det har ni cifre: er et foranstillet nul gået tabt? "
    ),
    "number-length": Words("It does not have ten digits. ", "Det har ikke ti cifre. "),
    "number-hyphen": Words(
        "It is written with a hyphen or spaces: leave them out. ",
        "Det er skrevet med bindestreg eller mellemrum: udelad dem. ",
    ),
    "number-exponent": Words(
        "It is in exponent form, as spreadsheets write long numbers: format the column as text. ",
        "Det er skrevet på eksponentform, som regneark gør med lange tal: formatér kolonnen som tekst. ",
    ),
    "number-letters": Words(
        "It contains characters other than the digits 0-9. ", "Det indeholder andre tegn end cifrene 0-9. "
    ),
    "number-unquoted": Words(
        "A personnummer written as a number loses its leading zero: write all ten digits, in quotes. ",
        "Et personnummer skrevet som tal mister sit foranstillede nul: skriv alle ti cifre i anførselstegn. ",
    ),
    "unquoted": Words(
        "Written as a number it loses its leading zeros: write it in quotes. ",
        "Skrevet som tal mister det sine foranstillede nuller: skriv det i anførselstegn. ",
    ),
    "number-date": Words("Its first six digits are not a date. ", "De første seks cifre er ikke en dato. "),
    "number-replacement": Words(
        "It looks like a replacement number, with 60 added to the day: those are not accepted. ",
        "Det ligner et erstatningsnummer, hvor der er lagt 60 til dagen: dem accepteres ikke. ",
    ),
    "day-first": Words("Write the year first, then month and day. ", "Skriv året først og derefter måned og dag. "),
    "time-missing": Words("The time of day is missing. ", "Klokkeslættet mangler. "),
    "time-missing-offset": Words(
        "It is a date with an offset, and the time of day is missing. In .NET write a DateTimeOffset, not xs:date; in Java an "
        "OffsetDateTime. ",
        "Det er en dato med forskydning, og klokkeslættet mangler. Skriv i .NET en DateTimeOffset og ikke xs:date; i Java en "
        "OffsetDateTime. ",
    ),
    "seconds-missing": Words(
        "The seconds are missing: Java's toString leaves out :00. In Java write "
        "DateTimeFormatter.ofPattern(\"uuuu-MM-dd'T'HH:mm:ssXXX\"). ",
        "Sekunderne mangler: Javas toString udelader :00. Skriv i Java "
        "DateTimeFormatter.ofPattern(\"uuuu-MM-dd'T'HH:mm:ssXXX\"). ",
    ),
    "offset-missing": Words(
        "The offset from UTC is missing: in Denmark +01:00 in winter and +02:00 in summer. In .NET write a DateTimeOffset, or a "
        "DateTime whose Kind is Utc or Local; in Java an OffsetDateTime; in Python an aware datetime. ",
        "Forskydningen fra UTC mangler: i Danmark +01:00 om vinteren og +02:00 om sommeren. Skriv i .NET en DateTimeOffset eller en "
        "DateTime, hvis Kind er Utc eller Local; i Java en OffsetDateTime; i Python en datetime med tidszone. ",
    ),
    "offset-colon": Words(
        "The offset is written without its colon: write +01:00. In Python use isoformat(), in Java the pattern XXX. ",
        "Forskydningen er skrevet uden kolon: skriv +01:00. Brug i Python isoformat(), i Java mønstret XXX. ",
    ),
    "offset-zone-name": Words(
        "It ends with the name of a time zone: write the offset alone. In Java write ZonedDateTime.toOffsetDateTime(). ",
        "Det slutter med navnet på en tidszone: skriv kun forskydningen. Skriv i Java ZonedDateTime.toOffsetDateTime(). ",
    ),
    "fraction-javascript": Words(
        "Leave out the fraction of a second: it has milliseconds and Z, as JavaScript's toISOString writes. In JavaScript write "
        "toISOString().replace(/\\.\\d+/, ''). ",
        "Udelad brøkdele af et sekund: det har millisekunder og Z, som JavaScripts toISOString skriver. Skriv i JavaScript "
        "toISOString().replace(/\\.\\d+/, ''). ",
    ),
    "fraction-dotnet": Words(
        "Leave out the fraction of a second: it has seven decimals, as .NET writes. In .NET write "
        'ToString("yyyy-MM-ddTHH:mm:sszzz"), or take the ticks off before it is serialized. ',
        "Udelad brøkdele af et sekund: det har syv decimaler, som .NET skriver. Skriv i .NET "
        'ToString("yyyy-MM-ddTHH:mm:sszzz"), eller fjern brøkdelen, før værdien serialiseres. ',
    ),
    "fraction-python": Words(
        "Leave out the fraction of a second: it has six decimals, as Python writes. In Python write "
        'isoformat(timespec="seconds"), in Java truncatedTo(ChronoUnit.SECONDS). ',
        "Udelad brøkdele af et sekund: det har seks decimaler, som Python skriver. Skriv i Python "
        'isoformat(timespec="seconds"), i Java truncatedTo(ChronoUnit.SECONDS). ',
    ),
    "fraction": Words(
        "Leave out the fraction of a second. In Java write truncatedTo(ChronoUnit.SECONDS); an XMLGregorianCalendar takes "
        "setFractionalSecond(null). ",
        "Udelad brøkdele af et sekund. Skriv i Java truncatedTo(ChronoUnit.SECONDS); en XMLGregorianCalendar tager "
        "setFractionalSecond(null). ",
    ),
    "fraction-and-offset-missing": Words(
        "Leave out the fraction of a second, and add the offset from UTC: in Denmark +01:00 in winter and +02:00 in summer. In .NET "
        'write a DateTimeOffset with ToString("yyyy-MM-ddTHH:mm:sszzz"); in Java an OffsetDateTime; in Python an aware datetime. ',
        "Udelad brøkdele af et sekund, og tilføj forskydningen fra UTC: i Danmark +01:00 om vinteren og +02:00 om sommeren. Skriv i "
        '.NET en DateTimeOffset med ToString("yyyy-MM-ddTHH:mm:sszzz"); i Java en OffsetDateTime; i Python en datetime med tidszone. ',
    ),
    "space-inside": Words("Write T between date and time. ", "Skriv T mellem dato og klokkeslæt. "),
}
