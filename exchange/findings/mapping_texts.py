"""The texts of mapping: what cannot be read as a table, and the result of a run, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

MAPPING_TEXTS: dict[str, Words] = {
    "map-no-source": Words(
        "expected a file or a query in the mapping, or a file on the command line",
        "forventede en fil eller en forespørgsel i mappingen, eller en fil på kommandolinjen",
    ),
    "map-package": Words(
        "needs {package}, which is not installed: pip install 'exchange-par87[{extra}]'",
        "kræver {package}, som ikke er installeret: pip install 'exchange-par87[{extra}]'",
    ),
    "map-no-header": Words(
        "the first row has no names of columns; expected a header",
        "den første række indeholder ingen kolonnenavne; forventede en overskrift",
    ),
    "map-column-twice": Words(
        "column {number} has the name of an earlier one; expected names that differ",
        "kolonne {number} har samme navn som en tidligere; forventede forskellige navne",
    ),
    "map-not-csv": Words(
        "line {line} is not CSV; check its quotation marks", "linje {line} er ikke CSV; kontrollér anførselstegnene"
    ),
    "map-not-json": Words("line {line} is not one JSON object in UTF-8", "linje {line} er ikke ét JSON-objekt i UTF-8"),
    "map-not-parquet": Words("is not a Parquet file, or is damaged", "er ikke en Parquet-fil, eller er beskadiget"),
    "map-not-xlsx": Words(
        "is not an Excel file (.xlsx), or is damaged", "er ikke en Excel-fil (.xlsx), eller er beskadiget"
    ),
    "map-no-sheet": Words("has no sheet of that name", "har intet ark med det navn"),
    "map-encoding": Words("unknown encoding {encoding}", "ukendt tegnsæt {encoding}"),
    "map-not-encoding": Words("is not a text in {encoding}", "er ikke en tekst i {encoding}"),
    "map-not-sorted": Words(
        "row {number} is out of order, but the mapping says that the table is sorted by its key as {order}",
        "række {number} står ikke i rækkefølge, men mappingen siger, at tabellen er sorteret efter sin nøgle som {order}",
    ),
    "map-row-incomplete": Words(
        "row {number} has not as many values as the header has names",
        "række {number} har ikke lige så mange værdier, som der er navne i overskriften",
    ),
    "map-no-database": Words("expected --database URL for the query", "forventede --database URL til forespørgslen"),
    "map-url": Words("the database's URL cannot be read", "databasens URL kan ikke læses"),
    "map-no-file": Words("there is no database file of that name", "der findes ingen databasefil med det navn"),
    "map-no-driver": Words(
        "the driver for this database is not installed", "driveren til denne database er ikke installeret"
    ),
    "map-query-failed": Words("the database refused the query ({fault})", "databasen afviste forespørgslen ({fault})"),
    "map-read-encoding": Words("encoding {value}", "tegnsæt {value}"),
    "map-read-delimiter": Words("delimiter {value}", "skilletegn {value}"),
    "map-read-sheet": Words("sheet {value}", "ark {value}"),
    "map-recognised": Words(
        "{source}: read as {how}; columns: {columns}", "{source}: læst som {how}; kolonner: {columns}"
    ),
    "map-joined": Words(
        "{source}: {how}; rows that belong to no row of the main table: {orphans}",
        "{source}: {how}; rækker, der ikke hører til en række i hovedtabellen: {orphans}",
    ),
    "map-loaded": Words("loaded into memory", "indlæst i hukommelsen"),
    "map-streamed": Words("joined while it was read, sorted", "sammenstillet under læsningen, sorteret"),
    "map-cell": Words("(column {columns})", "(kolonne {columns})"),
    "map-joined-cell": Words(
        "({table}, row {number}, column {columns})", "({table}, række {number}, kolonne {columns})"
    ),
    "map-done": Words(
        "rows: {rows}; messages: {messages}; rejected rows: {rejected}",
        "rækker: {rows}; beskeder: {messages}; afviste rækker: {rejected}",
    ),
    "map-more": Words(
        "more rows with findings that are not listed: {count}", "flere rækker med fund, der ikke er vist: {count}"
    ),
    "map-nothing": Words("no message was written", "ingen besked er skrevet"),
    "map-rejects": Words(
        "the rejected rows, with their values, are in {file}", "de afviste rækker, med deres værdier, står i {file}"
    ),
    "map-output": Words(
        "{file} is a source or another output of this run; choose another file",
        "{file} er en kilde eller et andet resultat af denne kørsel; vælg en anden fil",
    ),
    "map-one-fund": Words(
        "a delivery is of one fund and one environment: the first row has no akassekode or no miljoe",
        "en leverance er fra én a-kasse og ét miljø: den første række har ingen akassekode eller intet miljoe",
    ),
    "map-created": Words(
        "expected --created TIME: the mapping has no source for it, and a later run must give the same",
        "forventede --created TIME: mappingen har ingen kilde til tidspunktet, og en senere kørsel skal give det samme",
    ),
    "map-draft": Words(
        "A first mapping of {message}; fill in what is commented out and required, then: exchange map --check",
        "Et første udkast til en mapping af {message}; udfyld det udkommenterede, der er påkrævet, og derefter: exchange map --check",
    ),
    "map-draft-unused": Words("columns that are not used", "kolonner, der ikke bruges"),
    "map-draft-required": Words("required", "påkrævet"),
    "map-draft-created": Words("or --created on the command line", "eller --created på kommandolinjen"),
    "map-draft-joined": Words(
        "a table of its own, [tables.{name}] with file and key", "en tabel for sig, [tables.{name}] med file og key"
    ),
    "map-checked": Words("{file}: the mapping is in order", "{file}: mappingen er i orden"),
}
