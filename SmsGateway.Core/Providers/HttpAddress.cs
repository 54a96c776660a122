namespace SmsGateway.Core.Providers;

/// <summary>What all addresses in the configuration have in common.</summary>
public static class HttpAddress
{
    public const string Allowed = "allowed: an absolute http or https address without user, query and fragment";

    public static bool IsValid(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" };

    /// <summary>The address for an error message: what may be a password is left out.</summary>
    public static string? Describe(Uri? address) =>
        address is { IsAbsoluteUri: true, UserInfo: not "" }
            ? address.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped) + " (and a user)"
            : address?.OriginalString;

    /// <summary>The address followed by a path, whether or not it ends with a slash.</summary>
    public static string Append(Uri address, string path) => address.AbsoluteUri.TrimEnd('/') + path;
}
