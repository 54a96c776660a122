using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmsGateway.Workers.Providers.Http;

/// <summary>What a value becomes where it is put in.</summary>
internal enum TemplateForm
{
    /// <summary>Itself.</summary>
    Plain,

    /// <summary>Percent-encoded, as a part of an address or a form.</summary>
    Encoded,

    /// <summary>A JSON value.</summary>
    Json,
}

/// <summary>A text with placeholders.</summary>
internal sealed partial class Template
{
    private readonly TemplateForm _form;

    // Literal text and placeholder in turn; the last literal has none.
    private readonly List<(string Literal, string? Name)> _parts = [];

    public Template(string text, TemplateForm form)
    {
        _form = form;
        int end = 0;
        foreach (Match placeholder in Placeholder().Matches(text))
        {
            _parts.Add((text[end..placeholder.Index], placeholder.Groups[1].Value));
            end = placeholder.Index + placeholder.Length;
        }

        _parts.Add((text[end..], null));
    }

    /// <summary>The placeholders in it.</summary>
    public IEnumerable<string> Names => _parts.Select(part => part.Name).OfType<string>();

    public string Render(Func<string, TemplateValue> value)
    {
        var text = new StringBuilder();
        foreach (var (literal, name) in _parts)
        {
            text.Append(literal).Append(name is null ? "" : Write(value(name)));
        }

        return text.ToString();
    }

    private string Write(TemplateValue value) => _form switch
    {
        TemplateForm.Plain => value.Text ?? "",
        TemplateForm.Encoded => Uri.EscapeDataString(value.Text ?? ""),
        _ => value.Text is null ? "null"
            : value.IsNumber ? value.Text
            : $"\"{JsonEncodedText.Encode(value.Text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"",
    };

    [GeneratedRegex("\\{([a-z_]+)\\}")]
    private static partial Regex Placeholder();
}

/// <summary>What a placeholder stands for.</summary>
/// <param name="Text">Null: there is none.</param>
/// <param name="IsNumber">In JSON it has no quotes.</param>
internal readonly record struct TemplateValue(string? Text, bool IsNumber = false);
