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
    "offset-missing": Words(
        "The offset from UTC is missing: in Denmark +01:00 in winter and +02:00 in summer. ",
        "Forskydningen fra UTC mangler: i Danmark +01:00 om vinteren og +02:00 om sommeren. ",
    ),
    "fraction": Words("Leave out the fraction of a second. ", "Udelad brøkdele af et sekund. "),
    "space-inside": Words("Write T between date and time. ", "Skriv T mellem dato og klokkeslæt. "),
}
