import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * The third judge: what the JDK's own validator says of documents, as a receiver on Java would hear it.
 *
 * <p>Arguments: the schemas' paths. Standard input: for each document the number of its schema and its length, each as
 * four bytes (big endian), then its bytes. Standard output: for each document one line, valid, invalid or unreadable.
 */
public final class Judge {
    /** Nothing is let pass: a warning about a schema is a fault too. */
    private static final ErrorHandler STRICT = new ErrorHandler() {
        @Override
        public void warning(SAXParseException fault) throws SAXException {
            throw fault;
        }

        @Override
        public void error(SAXParseException fault) throws SAXException {
            throw fault;
        }

        @Override
        public void fatalError(SAXParseException fault) throws SAXException {
            // Not well-formed, or beyond the JDK's limits; the sender of this exception is told from error() by its type.
            throw new Unreadable(fault);
        }
    };

    private static final class Unreadable extends SAXException {
        private static final long serialVersionUID = 1L;

        Unreadable(SAXParseException cause) {
            super(cause);
        }
    }

    public static void main(String[] paths) throws IOException, SAXException {
        Validator[] validators = new Validator[paths.length];
        for (int number = 0; number < paths.length; number++) {
            validators[number] = open(new File(paths[number]));
        }
        DataInputStream input = new DataInputStream(System.in);
        PrintStream output = new PrintStream(System.out, false, "US-ASCII");
        while (true) {
            int number;
            try {
                number = input.readInt();
            } catch (EOFException end) {
                break;
            }
            byte[] document = new byte[input.readInt()];
            input.readFully(document);
            output.println(judge(validators[number], document));
        }
        output.flush();
    }

    private static Validator open(File path) throws SAXException {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        // Our own schemas include a file beside them; a document may bring nothing along.
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        factory.setErrorHandler(STRICT);
        Schema schema = factory.newSchema(path);
        Validator validator = schema.newValidator();
        validator.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        validator.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        validator.setErrorHandler(STRICT);
        return validator;
    }

    private static String judge(Validator validator, byte[] document) throws IOException {
        try {
            validator.validate(new StreamSource(new ByteArrayInputStream(document)));
            return "valid";
        } catch (Unreadable unreadable) {
            return "unreadable";
        } catch (SAXException invalid) {
            return "invalid";
        }
    }

    private Judge() {}
}
