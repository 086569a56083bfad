import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.Marshaller;

/**
 * Reads documents into the classes that xjc made of the closed schemas, and writes them again.
 *
 * <p>Arguments: the packages of the classes. Standard input and output: each document behind its length as four bytes (big
 * endian); for one that cannot be read and written the length is 0.
 */
public final class RoundTrip {
    public static void main(String[] packages) throws Exception {
        JAXBContext context = JAXBContext.newInstance(String.join(":", packages));
        Marshaller marshaller = context.createMarshaller();
        DataInputStream input = new DataInputStream(System.in);
        DataOutputStream output = new DataOutputStream(System.out);
        while (true) {
            byte[] document;
            try {
                document = new byte[input.readInt()];
            } catch (EOFException end) {
                break;
            }
            input.readFully(document);
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            try {
                Object read = context.createUnmarshaller().unmarshal(new ByteArrayInputStream(document));
                marshaller.marshal(read, written);
            } catch (Exception fault) {
                written.reset();
            }
            output.writeInt(written.size());
            written.writeTo(output);
        }
        output.flush();
    }

    private RoundTrip() {}
}
