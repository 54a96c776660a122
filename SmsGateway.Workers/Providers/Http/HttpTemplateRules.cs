using System.Text;
using System.Text.RegularExpressions;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Providers;

namespace SmsGateway.Workers.Providers.Http;

/// <summary>What must hold for a provider of the kind <c>http</c>.</summary>
internal static partial class HttpTemplateRules
{
    public const string Json = "application/json";

    private const string Form = "application/x-www-form-urlencoded";

    // What may stand in addresses and headers: what is logged on the way holds no text.
    private static readonly string[] Safe = ["id", "to", "to_digits", "from", "encoding", "segments", "validity_seconds", "secret"];

    private static readonly string[] All = [.. Safe, "text", "receipt_url"];

    /// <summary>What the values of a body become.</summary>
    public static TemplateForm FormOf(HttpTemplateOptions http) => http.ContentType == Form ? TemplateForm.Encoded : TemplateForm.Json;

    public static void Check(ProviderOptions provider, string setting, ValidateOptionsResultBuilder errors)
    {
        var http = provider.Http;
        string prefix = $"{setting}:Http";
        CheckOneOf(http.Method, $"{prefix}:Method", ["POST", "PUT"], errors);
        CheckOneOf(http.ContentType, $"{prefix}:ContentType", [Json, Form], errors);
        CheckPath(http.Path, $"{prefix}:Path", errors);
        CheckBody(http, $"{prefix}:Body", errors);
        foreach (var (name, value) in http.Headers)
        {
            CheckPlaceholders(value, $"{prefix}:Headers:{name}", Safe, errors);
            if (!HeaderName().IsMatch(name) || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                errors.AddError($"{prefix}:Headers:{name} is no header; allowed: a name of letters, digits and '-', a value of visible ASCII");
            }
        }

        CheckField(http.IdField, $"{prefix}:IdField", isNeeded: true, errors);
        CheckField(http.ErrorField, $"{prefix}:ErrorField", isNeeded: http.LookUpPath.Length > 0, errors);
        CheckField(http.LookUpIdField, $"{prefix}:LookUpIdField", isNeeded: false, errors);
        CheckLookUp(http, prefix, errors);
        CheckKeys(provider, setting, errors);
    }

    private static void CheckLookUp(HttpTemplateOptions http, string prefix, ValidateOptionsResultBuilder errors)
    {
        if (http.LookUpPath.Length == 0)
        {
            return;
        }

        CheckPath(http.LookUpPath, $"{prefix}:LookUpPath", errors);
        if (!http.LookUpPath.Contains("{id}", StringComparison.Ordinal) || http.LookUpNotFound.Length == 0)
        {
            errors.AddError($"{prefix}:LookUpPath is '{http.LookUpPath}' and LookUpNotFound is '{http.LookUpNotFound}'; "
                + "needed: a path with {id}, and the code of the error that says that there is no such message");
        }
    }

    private static void CheckKeys(ProviderOptions provider, string setting, ValidateOptionsResultBuilder errors)
    {
        string[] sent = [provider.Http.Path, provider.Http.Body, .. provider.Http.Headers.Values];
        if (provider.HonoursIdempotencyKey && !sent.Any(text => text.Contains("{id}", StringComparison.Ordinal)))
        {
            errors.AddError($"{setting}:HonoursIdempotencyKey is true and no template of {setting}:Http holds {{id}}, which is the key");
        }

        bool needsSecret = sent.Append(provider.Http.LookUpPath).Any(text => text.Contains("{secret}", StringComparison.Ordinal)
            || text.Contains("{receipt_url}", StringComparison.Ordinal));
        if (needsSecret && (provider.AuthToken.Length == 0 || provider.AuthToken.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            errors.AddError($"{setting}:AuthToken is missing, or holds more than visible ASCII; it is what {{secret}} stands for, "
                + "and by which receipts are known to be genuine");
        }
    }

    private static void CheckBody(HttpTemplateOptions http, string setting, ValidateOptionsResultBuilder errors)
    {
        CheckPlaceholders(http.Body, setting, All, errors);
        string sample = new Template(http.Body, FormOf(http)).Render(_ => new TemplateValue("1", IsNumber: true));
        if (http.Body.Length == 0 || (FormOf(http) == TemplateForm.Json && JsonField.Parse(Encoding.UTF8.GetBytes(sample)) is null))
        {
            errors.AddError($"{setting} is '{http.Body}'; with values in place of its placeholders it must be {http.ContentType}");
        }
    }

    private static void CheckPath(string path, string setting, ValidateOptionsResultBuilder errors)
    {
        CheckPlaceholders(path, setting, Safe, errors);
        if (!path.StartsWith('/') || path.AsSpan().ContainsAnyExceptInRange('!', '~') || path.Contains('#', StringComparison.Ordinal))
        {
            errors.AddError($"{setting} is '{path}'; allowed: a path that begins with '/', and a query");
        }
    }

    private static void CheckPlaceholders(string text, string setting, string[] allowed, ValidateOptionsResultBuilder errors)
    {
        foreach (string name in new Template(text, TemplateForm.Plain).Names.Except(allowed))
        {
            errors.AddError($"{setting} holds {{{name}}}; allowed: {string.Join(", ", allowed.Select(one => $"{{{one}}}"))}");
        }
    }

    private static void CheckField(string path, string setting, bool isNeeded, ValidateOptionsResultBuilder errors)
    {
        if (path.Length == 0 ? isNeeded : !FieldPath().IsMatch(path))
        {
            errors.AddError($"{setting} is '{path}'; allowed: names and places joined by dots, such as messages.0.id");
        }
    }

    private static void CheckOneOf(string value, string setting, string[] allowed, ValidateOptionsResultBuilder errors)
    {
        if (!allowed.Contains(value))
        {
            errors.AddError($"{setting} is '{value}'; allowed: {string.Join(", ", allowed)}");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\z")]
    private static partial Regex FieldPath();

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}\\z")]
    private static partial Regex HeaderName();
}
