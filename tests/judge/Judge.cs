using System;
using System.IO;
using System.Xml;
using System.Xml.Schema;

// Another judge of the schemas: what .NET's validator, of mono, says of documents.
//
// Arguments: "strict" or "defaults", then the schemas' paths. "strict" counts warnings as faults and gives attributes of the
// namespace xml no exemption; "defaults" is what a program gets that sets nothing. Standard input and output are those of
// Judge.java.
public static class Judge
{
    public static void Main(string[] arguments)
    {
        var settings = new XmlReaderSettings[arguments.Length - 1];
        for (int number = 0; number < settings.Length; number++)
        {
            settings[number] = Open(arguments[number + 1], arguments[0] == "strict");
        }
        var input = new BufferedStream(Console.OpenStandardInput());
        using (var output = new StreamWriter(Console.OpenStandardOutput()))
        {
            int number;
            while ((number = ReadNumber(input)) >= 0)
            {
                output.WriteLine(Verdict(settings[number], Read(input, ReadNumber(input))));
            }
        }
    }

    private static XmlReaderSettings Open(string path, bool strict)
    {
        var settings = new XmlReaderSettings
        {
            ValidationType = ValidationType.Schema,
            DtdProcessing = DtdProcessing.Prohibit,
        };
        // For the included file beside it; documents are read without a resolver.
        settings.Schemas.XmlResolver = new XmlUrlResolver();
        settings.Schemas.Add(null, path);
        settings.Schemas.Compile();
        settings.XmlResolver = null;
        if (strict)
        {
            settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
            settings.ValidationFlags &= ~XmlSchemaValidationFlags.AllowXmlAttributes;
            settings.ValidationEventHandler += (sender, found) => { throw found.Exception; };
        }
        return settings;
    }

    private static string Verdict(XmlReaderSettings settings, byte[] document)
    {
        try
        {
            using (var reader = XmlReader.Create(new MemoryStream(document), settings))
            {
                while (reader.Read())
                {
                }
            }
            return "valid";
        }
        catch (XmlSchemaException)
        {
            return "invalid";
        }
        catch (XmlException)
        {
            return "unreadable";
        }
    }

    private static int ReadNumber(Stream input)
    {
        int first = input.ReadByte();
        return first < 0 ? -1 : first << 24 | input.ReadByte() << 16 | input.ReadByte() << 8 | input.ReadByte();
    }

    private static byte[] Read(Stream input, int length)
    {
        var data = new byte[length];
        for (int at = 0; at < length;)
        {
            at += input.Read(data, at, length - at);
        }
        return data;
    }
}
