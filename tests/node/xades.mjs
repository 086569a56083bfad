// Signs documents as XAdES-B-B with xadesjs, and verifies them; called as the programs of the page on signatures are.
import { X509Certificate, createPrivateKey, webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import * as xmldom from "@xmldom/xmldom";
import xpath from "xpath";
import { Application, Parse, SignedXml } from "xadesjs";
import { setNodeDependencies } from "xml-core";
import { XmlDsigExcC14NTransform } from "xmldsigjs";

setNodeDependencies({ ...xmldom, xpath });
Application.setEngine("NodeJS", webcrypto);
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";

function algorithmOf(key) {
  return key.asymmetricKeyType === "rsa"
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
}

/** It gives the reference to SignedProperties no transform, which is inclusive canonicalization. */
class Signer extends SignedXml {
  async ApplySignOptions(signature, ...others) {
    await super.ApplySignOptions(signature, ...others);
    const references = signature.SignedInfo.References;
    references.Item(references.Count - 1).Transforms.Add(new XmlDsigExcC14NTransform());
  }
}

async function sign(keyFile, certificateFile, input, output) {
  const key = createPrivateKey(readFileSync(keyFile));
  const algorithm = algorithmOf(key);
  const der = key.export({ type: "pkcs8", format: "der" });
  const secret = await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const certificate = new X509Certificate(readFileSync(certificateFile)).raw.toString("base64");
  const document = Parse(readFileSync(input, "utf8"));
  const signed = new Signer();
  signed.XmlSignature.SignedInfo.CanonicalizationMethod.Algorithm = EXCLUSIVE;
  await signed.Sign(algorithm, secret, document, {
    x509: [certificate],
    references: [{ uri: "", hash: "SHA-256", transforms: ["enveloped", "exc-c14n"] }],
    signingCertificateV2: certificate,
    signingTime: { value: new Date("2026-11-20T15:00:00Z") },
  });
  document.documentElement.appendChild(document.importNode(signed.GetXml(), true));
  writeFileSync(output, new xmldom.XMLSerializer().serializeToString(document));
}

async function verify(certificateFile, file) {
  const document = Parse(readFileSync(file, "utf8"));
  const key = new X509Certificate(readFileSync(certificateFile)).publicKey;
  const der = key.export({ type: "spki", format: "der" });
  const expected = await webcrypto.subtle.importKey("spki", der, algorithmOf(key), true, ["verify"]);
  const signed = new SignedXml(document);
  signed.LoadXml(document.documentElement.lastChild);
  // Else it imports the key anew, which it cannot do for a curve.
  signed.Algorithm = undefined;
  return signed.Verify(expected);
}

const [command, ...args] = process.argv.slice(2);
if (command === "sign") {
  await sign(...args);
} else {
  for (const file of args.slice(1)) {
    const valid = await verify(args[0], file).catch(() => false);
    console.log(`${file}: ${valid ? "valid" : "invalid"}`);
  }
}
