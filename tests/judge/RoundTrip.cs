using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml;
using System.Xml.Serialization;

// Reads documents into the classes that xsd.exe made of the closed schemas, and writes them again.
//
// Arguments: the names of the root elements' classes. Standard input and output are those of RoundTrip.java.
public static class RoundTrip
{
    // Else a carriage return of a text is written as a line feed.
    private static readonly XmlWriterSettings Settings = new XmlWriterSettings
    {
        Encoding = new UTF8Encoding(false),
        NewLineHandling = NewLineHandling.Entitize,
    };

    public static void Main(string[] classes)
    {
        var serializers = classes.Select(name => new XmlSerializer(Type.GetType(name, true))).ToArray();
        var input = new BinaryReader(Console.OpenStandardInput());
        using (var output = new BinaryWriter(Console.OpenStandardOutput()))
        {
            byte[] length;
            while ((length = input.ReadBytes(4)).Length == 4)
            {
                byte[] written = Written(serializers, input.ReadBytes(BitConverter.ToInt32(length.Reverse().ToArray(), 0)));
                output.Write(BitConverter.GetBytes(written.Length).Reverse().ToArray());
                output.Write(written);
            }
        }
    }

    private static byte[] Written(XmlSerializer[] serializers, byte[] document)
    {
        var written = new MemoryStream();
        try
        {
            using (var reader = XmlReader.Create(new MemoryStream(document)))
            using (var writer = XmlWriter.Create(written, Settings))
            {
                var serializer = serializers.First(each => each.CanDeserialize(reader));
                serializer.Serialize(writer, serializer.Deserialize(reader));
            }
            return written.ToArray();
        }
        catch (InvalidOperationException)
        {
            return new byte[0];
        }
    }
}
