using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SmsGateway.Core.Accounts;

/// <summary>What a key allows.</summary>
[Flags]
public enum Rights
{
    None = 0,

    /// <summary>Send and cancel messages.</summary>
    Send = 1,

    /// <summary>Read messages, statistics, balance and transactions.</summary>
    Read = 2,

    /// <summary>Top up the account.</summary>
    Billing = 4,

    /// <summary>Manage accounts and keys.</summary>
    Admin = 8,
}

/// <summary>API keys: made from 256 random bits, shown once, stored and looked up only as their SHA-256.</summary>
public static class ApiKey
{
    private const string Prefix = "sgw_";
    private const int RandomBytes = 32;

    /// <summary>Longest text that can be a key; anything longer is refused before it is hashed.</summary>
    public const int MaxLength = 128;

    /// <summary>A new key, for its owner's eyes only.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>The SHA-256 of a key, which is all that is stored.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>The names of rights, as the database and the operator spell them.</summary>
public static class RightsNames
{
    private static readonly (Rights Right, string Name)[] All =
        [(Rights.Send, "send"), (Rights.Read, "read"), (Rights.Billing, "billing"), (Rights.Admin, "admin")];

    public static string[] Names(this Rights rights) => [.. All.Where(entry => rights.HasFlag(entry.Right)).Select(entry => entry.Name)];

    /// <summary>Reads names; one that is unknown gives no right.</summary>
    public static Rights Parse(IEnumerable<string> names) =>
        names.Aggregate(Rights.None, (rights, name) => rights | Array.Find(All, entry => entry.Name == name).Right);
}
