// Judges documents by the published schemas, as a program on Node would.
//
// Standard input: one JSON object, { ajv: [{ schema, documents }], schematron: [{ schema, documents }] }; the documents are
// JSON values, or XML as text. Standard output: the same with `verdicts`: for ajv true or false, for Schematron a list of
// "severity id".
import Ajv2020 from 'ajv/dist/2020.js';
import { Schema } from 'node-schematron';

let text = '';
for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
const { ajv, schematron } = JSON.parse(text);

const byAjv = ajv.map(({ schema, documents }) => {
    // The formats stand in the patterns too.
    const validate = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false }).compile(schema);
    return documents.map((document) => validate(document));
});

const roles = (schema) =>
    new Map([...schema.matchAll(/<assert id="([^"]+)" role="([^"]+)"/g)].map(([, id, role]) => [id, role]));

const bySchematron = schematron.map(({ schema, documents }) => {
    const compiled = Schema.fromString(schema);
    const severity = roles(schema);
    return documents.map((document) =>
        compiled.validateString(document).map(({ assertId }) => `${severity.get(assertId)} ${assertId}`),
    );
});

process.stdout.write(JSON.stringify({ ajv: byAjv, schematron: bySchematron }));
