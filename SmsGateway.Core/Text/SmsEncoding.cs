namespace SmsGateway.Core.Text;

/// <summary>How the text of a message is coded on the air (3GPP TS 23.038).</summary>
public enum SmsEncoding
{
    /// <summary>The GSM 7 bit default alphabet with its extension table.</summary>
    Gsm7,

    /// <summary>UCS-2, sixteen bits a code unit.</summary>
    Ucs2,
}

/// <summary>The names of the encodings as clients see them.</summary>
public static class SmsEncodings
{
    public static string Name(this SmsEncoding encoding) => encoding == SmsEncoding.Gsm7 ? "GSM-7" : "UCS-2";

    /// <summary>Reads the name of an encoding, exactly as <see cref="Name"/> writes it.</summary>
    public static SmsEncoding Parse(string name) => name switch
    {
        "GSM-7" => SmsEncoding.Gsm7,
        "UCS-2" => SmsEncoding.Ucs2,
        _ => throw new FormatException($"no encoding is named '{name}'"),
    };
}
