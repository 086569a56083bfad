"""A title for each finding code, in English and Danish, for readers who do not know the codes."""

from __future__ import annotations

from exchange.findings.placeholders import Words

TITLES: dict[str, Words] = {
    "title-too-large": Words("The file is too large", "Filen er for stor"),
    "title-encoding-refused": Words("The encoding is not accepted", "Tegnsættet accepteres ikke"),
    "title-xml-version-refused": Words("The XML version is not accepted", "XML-versionen accepteres ikke"),
    "title-doctype-refused": Words("A DOCTYPE is not accepted", "DOCTYPE accepteres ikke"),
    "title-comment-in-value": Words("A comment inside a value", "Kommentar inde i en værdi"),
    "title-xsi-refused": Words("xsi:type or xsi:nil is not accepted", "xsi:type eller xsi:nil accepteres ikke"),
    "title-elements-too-many": Words("Too many elements", "For mange elementer"),
    "title-attributes-too-many": Words("Too many attributes", "For mange attributter"),
    "title-character-refused": Words("A character that XML does not allow", "Tegn, der ikke er tilladt i XML"),
    "title-not-well-formed": Words("Not well-formed XML", "Ikke velformet XML"),
    "title-not-json": Words("Not JSON", "Ikke JSON"),
    "title-key-repeated": Words("A key occurs twice", "En nøgle forekommer to gange"),
    "title-message-unknown": Words("The message is not known", "Beskeden kendes ikke"),
    "title-version-unknown": Words("The version is not known", "Versionen kendes ikke"),
    "title-version-expired": Words("The version is no longer in force", "Versionen gælder ikke længere"),
    "title-version-not-yet-valid": Words("The version is not yet in force", "Versionen gælder endnu ikke"),
    "title-element-missing": Words("An element is missing", "Et element mangler"),
    "title-element-unexpected": Words("An element is not allowed here", "Et element er ikke tilladt her"),
    "title-element-empty": Words("An element is empty", "Et element er tomt"),
    "title-element-repeated": Words("An element occurs more than once", "Et element forekommer mere end én gang"),
    "title-element-misplaced": Words("Elements are out of order", "Elementerne står i forkert rækkefølge"),
    "title-text-unexpected": Words("Text between elements", "Tekst mellem elementerne"),
    "title-attribute-unexpected": Words("An attribute is not allowed", "En attribut er ikke tilladt"),
    "title-type-wrong": Words("A value of the wrong Python type", "En værdi har en forkert Python-type"),
    "title-value-type": Words("A value of the wrong type", "En værdi har en forkert type"),
    "title-value-pattern": Words("A value does not follow the format", "En værdi overholder ikke formatet"),
    "title-value-length": Words("A text is too short or too long", "En tekst er for kort eller for lang"),
    "title-value-range": Words("A value is out of range", "En værdi ligger uden for grænserne"),
    "title-value-choice": Words("A value is not one of those allowed", "En værdi er ikke en af de tilladte"),
    "title-schema-refused": Words("Rejected by the schema", "Afvist af skemaet"),
    "title-code-unknown": Words("The code is not known", "Koden kendes ikke"),
    "title-code-other-system": Words("A code from another system", "Koden kommer fra et andet system"),
    "title-code-expired": Words("The code is no longer in force", "Koden gælder ikke længere"),
    "title-code-not-yet-valid": Words("The code is not yet in force", "Koden gælder endnu ikke"),
    "title-check-incomplete": Words("A check could not run", "En kontrol kunne ikke køre"),
    "title-pattern-undecided": Words(
        "A value could not be checked against its pattern", "En værdi kunne ikke kontrolleres mod sit mønster"
    ),
    "title-leverance-broken": Words(
        "The delivery could not be read to its end", "Leverancen kunne ikke læses til ende"
    ),
    "title-leverance-antal": Words("The number of messages is wrong", "Antallet af beskeder passer ikke"),
    "title-leverance-besked-id-repeated": Words(
        "Two messages of the delivery have the same id", "To beskeder i leverancen har samme id"
    ),
    "title-leverance-samtale-repeated": Words("An interview is reported twice", "En samtale er indberettet to gange"),
    "title-leverance-samtale-same-instant": Words(
        "Two interviews of one person at the same instant", "To samtaler med samme person på samme tidspunkt"
    ),
    "title-leverance-akassekode-differs": Words(
        "Another a-kasse than the delivery's", "En anden a-kasse end leverancens"
    ),
    "title-leverance-miljoe-differs": Words("Another miljoe than the delivery's", "Et andet miljø end leverancens"),
    "title-kommune-unknown-for-person": Words("No kommune for the person", "Ingen kommune for personen"),
    "title-leverance-unexpected": Words("A delivery instead of one message", "En leverance i stedet for én besked"),
    "title-hoved-vedroerer-missing": Words(
        "The reference to the earlier message is missing", "Henvisningen til den tidligere besked mangler"
    ),
    "title-hoved-vedroerer-unexpected": Words("A new message refers to another", "En ny besked henviser til en anden"),
    "title-hoved-vedroerer-itself": Words("The message refers to itself", "Beskeden henviser til sig selv"),
    "title-personnummer-unknown": Words("The personnummer is 0000000000", "Personnummeret er 0000000000"),
    "title-personnummer-date": Words("The date of the personnummer does not exist", "Personnummerets dato findes ikke"),
    "title-personnummer-born-later": Words("The person is born after the event", "Personen er født efter hændelsen"),
    "title-text-personnummer": Words("A text may hold a personnummer", "En tekst indeholder måske et personnummer"),
    "title-text-invisible": Words("A text holds invisible characters", "En tekst indeholder usynlige tegn"),
    "title-text-mojibake": Words("A text was read with the wrong encoding", "En tekst er læst med et forkert tegnsæt"),
    "title-samtale-cv-missing": Words("The cv is missing", "Oplysningen om cv mangler"),
    "title-samtale-cv-unexpected": Words("A cv with another type of interview", "CV ved en anden samtaletype"),
    "title-samtale-raadighedsvurdering-missing": Words(
        "The assessment of availability is missing", "Rådighedsvurderingen mangler"
    ),
    "title-samtale-raadighedsvurdering-unexpected": Words(
        "An assessment of availability with another type of interview", "Rådighedsvurdering ved en anden samtaletype"
    ),
    "title-samtale-aftaler-unexpected": Words(
        "Agreements with another type of interview", "Aftaler ved en anden samtaletype"
    ),
    "title-samtale-tidspunkt-later": Words("The interview is in the future", "Samtalen ligger ude i fremtiden"),
    "title-samtale-cv-samtale-closed": Words(
        "A cv interview after the type was to close", "CV-samtale efter lukningen"
    ),
    "title-samtale-deltager-repeated": Words("A participant is listed twice", "En deltager er nævnt to gange"),
    "title-samtale-form-moede-paa-arbejde": Words(
        "The form does not go with the type of interview", "Formen passer ikke til samtaletypen"
    ),
    "title-krav-omfang-missing": Words("The extent of the requirement is missing", "Kravets omfang mangler"),
    "title-krav-omfang-zero": Words("The number required is 0 without a reason", "Kravet er på 0 uden forklaring"),
    "title-krav-geografi-empty": Words("The geographic area is empty", "Det geografiske område er tomt"),
    "title-krav-upload-more": Words("More uploads than jobs to search for", "Flere uploads end job, der skal søges"),
    "title-kvittering-antal-sum": Words("The receipt's numbers do not add up", "Kvitteringens tal stemmer ikke"),
    "title-kvittering-udfald-godtagne": Words(
        "A rejected file has accepted messages", "En afvist fil har accepterede beskeder"
    ),
    "title-kvittering-fejlede-sum": Words(
        "The receipt's numbers of accepted, refused and failed do not add up",
        "Kvitteringens tal for accepteret, afvist og fejlet stemmer ikke",
    ),
    "title-kvittering-fil-udfald": Words(
        "The file's own outcome contradicts the receipt's numbers", "Filens eget udfald modsiger kvitteringens tal"
    ),
    "title-kvittering-beskeder-beyond": Words(
        "The list has more messages than stated", "Listen har flere beskeder end angivet"
    ),
    "title-kvittering-nummer-repeated": Words("Two messages have the same number", "To beskeder har samme nummer"),
    "title-signature-missing": Words("The signature is missing", "Signaturen mangler"),
    "title-signature-repeated": Words("More than one signature", "Mere end én signatur"),
    "title-signature-misplaced": Words("The signature is not last", "Signaturen står ikke til sidst"),
    "title-signature-shape": Words("The form of the signature is not accepted", "Signaturens form accepteres ikke"),
    "title-signature-references": Words(
        "The signature has not one reference", "Signaturen har ikke netop én reference"
    ),
    "title-signature-reference-elsewhere": Words(
        "The signature does not cover the whole document", "Signaturen dækker ikke hele dokumentet"
    ),
    "title-signature-transforms": Words("Transforms that are not accepted", "Transformationer, der ikke accepteres"),
    "title-signature-algorithm": Words("The algorithm is not accepted", "Algoritmen accepteres ikke"),
    "title-signature-unreadable": Words("The signature cannot be read", "Signaturen kan ikke læses"),
    "title-signature-key-weak": Words("The certificate's key is not accepted", "Certifikatets nøgle accepteres ikke"),
    "title-signature-content-changed": Words(
        "The document was changed after signing", "Dokumentet er ændret efter signeringen"
    ),
    "title-signature-wrong": Words("The signature is wrong", "Signaturen er forkert"),
    "title-certificate-issuer-unknown": Words(
        "The certificate's issuer is not known", "Certifikatets udsteder kendes ikke"
    ),
    "title-certificate-expired": Words("The certificate has expired", "Certifikatet er udløbet"),
    "title-certificate-not-yet-valid": Words("The certificate is not yet valid", "Certifikatet er endnu ikke gyldigt"),
    "title-certificate-unfit": Words(
        "The certificate is not meant for signing", "Certifikatet er ikke beregnet til at signere med"
    ),
    "title-certificate-signer-unlisted": Words("The signer is not allowed", "Underskriveren er ikke tilladt"),
    "title-certificate-revoked": Words("The certificate has been revoked", "Certifikatet er tilbagekaldt"),
    "title-certificate-revocation-unknown": Words(
        "Revocation could not be determined", "Tilbagekaldelse kunne ikke afgøres"
    ),
    "title-certificate-revocation-not-checked": Words(
        "Revocation was not checked", "Tilbagekaldelse er ikke kontrolleret"
    ),
    "title-besked-id-conflict": Words("The id belongs to an earlier message", "Id'et tilhører en tidligere besked"),
    "title-besked-id-in-other-file": Words(
        "The id is also that of a message in another file", "Id'et står også i en anden fil"
    ),
    "title-certificate-path-refused": Words(
        "The certificate's path is not accepted", "Certifikatets vej til udstederen accepteres ikke"
    ),
    "title-mapping-unreadable": Words("The mapping cannot be read", "Mappingen kan ikke læses"),
    "title-mapping-key-unknown": Words("A key of the mapping is not known", "En nøgle i mappingen kendes ikke"),
    "title-mapping-column-unknown": Words("A column does not exist", "En kolonne findes ikke"),
    "title-mapping-source-missing": Words("The mapping lacks a source", "Mappingen mangler en kilde"),
    "title-mapping-unfit": Words("An option of the mapping does not fit", "Et valg i mappingen passer ikke"),
    "title-row-incomplete": Words("A row has the wrong number of values", "En række har et forkert antal værdier"),
    "title-row-key-missing": Words("The row's key is empty", "Rækkens nøgle er tom"),
    "title-row-key-repeated": Words("Two rows have the same key", "To rækker har samme nøgle"),
    "title-row-code-untranslated": Words("A value is not translated", "En værdi oversættes ikke"),
    "title-row-zero-lost": Words("A leading zero is probably lost", "Et foranstillet nul er sandsynligvis gået tabt"),
    "title-row-value-no-text": Words(
        "A cell holds neither text, number nor date", "En celle indeholder hverken tekst, tal eller dato"
    ),
    "title-row-time-unreadable": Words("A time cannot be read", "Et tidspunkt kan ikke læses"),
    "title-row-time-doubled": Words("The time occurred twice that night", "Tidspunktet forekom to gange den nat"),
    "title-row-time-skipped": Words("The time never occurred", "Tidspunktet har aldrig eksisteret"),
    "title-outbox-line": Words("A line is not a message with its key", "En linje er ikke en besked med nøgle"),
    "title-outbox-key-repeated": Words("A key occurs twice in the source", "En nøgle forekommer to gange i kilden"),
    "title-signature-canonicalization": Words(
        "The canonical form is not accepted", "Den kanoniske form accepteres ikke"
    ),
    "title-signature-rsa-pss": Words("RSA-PSS is not accepted", "RSA-PSS accepteres ikke"),
    "title-signature-of-messages": Words(
        "Messages are signed instead of the delivery", "Beskeder er signeret i stedet for leverancen"
    ),
    "title-signature-properties-changed": Words(
        "The signature's properties were changed after signing", "Signaturens egenskaber er ændret efter signeringen"
    ),
    "title-signature-certificate-differs": Words(
        "The signature names another certificate", "Signaturen henviser til et andet certifikat"
    ),
}
