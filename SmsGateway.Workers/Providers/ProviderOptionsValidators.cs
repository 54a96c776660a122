using System.Text.RegularExpressions;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Providers;
using SmsGateway.Workers.Providers.Http;

namespace SmsGateway.Workers.Providers;

/// <summary>The ranges on the properties.</summary>
[OptionsValidator]
internal sealed partial class ProvidersOptionsValidator : IValidateOptions<ProvidersOptions>;

/// <summary>What depends on the kind of the provider or on the other providers. Secrets are only ever said to be missing.</summary>
internal sealed partial class ProvidersRules : IValidateOptions<ProvidersOptions>
{
    private const int LongestName = 32;

    public ValidateOptionsResult Validate(string? name, ProvidersOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (options.Providers.Count == 0)
        {
            errors.AddError($"{ProvidersOptions.Section} is empty; at least one provider is needed");
        }

        for (int i = 0; i < options.Providers.Count; i++)
        {
            Check(options, i, errors);
        }

        return errors.Build();
    }

    private static void Check(ProvidersOptions options, int index, ValidateOptionsResultBuilder errors)
    {
        var provider = options.Providers[index];
        string setting = $"{ProvidersOptions.Section}:{index}";
        if (!Name().IsMatch(provider.Name))
        {
            errors.AddError($"{setting}:Name is '{provider.Name}'; allowed: 1 to {LongestName} of a-z, 0-9 and '-'");
        }

        int first = options.Providers.FindIndex(other => other.Name == provider.Name);
        if (first < index)
        {
            errors.AddError(
                $"{setting}:Name is '{provider.Name}', which {ProvidersOptions.Section}:{first}:Name is too; names must differ");
        }

        if (!HttpAddress.IsValid(provider.Address))
        {
            errors.AddError($"{setting}:Address is '{HttpAddress.Describe(provider.Address)}'; {HttpAddress.Allowed}");
        }

        foreach (var (prefix, place) in provider.Prefixes.Select((prefix, place) => (prefix, place)))
        {
            if (!Prefix().IsMatch(prefix))
            {
                errors.AddError($"{setting}:Prefixes:{place} is '{prefix}'; allowed: a plus sign and 1 to 15 digits, the first not 0");
            }
        }

        if (provider.Kind == ProviderOptions.Twilio)
        {
            CheckTwilio(provider, setting, errors);
        }
        else if (provider.Kind == ProviderOptions.HttpKind)
        {
            HttpTemplateRules.Check(provider, setting, errors);
        }
        else
        {
            errors.AddError($"{setting}:Kind is '{provider.Kind}'; allowed: {ProviderOptions.Twilio}, {ProviderOptions.HttpKind}");
        }
    }

    private static void CheckTwilio(ProviderOptions provider, string setting, ValidateOptionsResultBuilder errors)
    {
        if (!AccountSid().IsMatch(provider.AccountSid))
        {
            errors.AddError($"{setting}:AccountSid is '{provider.AccountSid}'; allowed: letters and digits, as in the account's console");
        }

        if (provider.AuthToken.Length == 0)
        {
            errors.AddError($"{setting}:AuthToken is missing; it is the secret of account '{provider.AccountSid}'");
        }

        if (string.IsNullOrEmpty(provider.From) == string.IsNullOrEmpty(provider.MessagingServiceSid))
        {
            errors.AddError($"{setting}:From is '{provider.From}' and {setting}:MessagingServiceSid is '{provider.MessagingServiceSid}'; "
                + "exactly one of them is needed");
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,32}\\z")]
    private static partial Regex Name();

    [GeneratedRegex("^\\+[1-9][0-9]{0,14}\\z")]
    private static partial Regex Prefix();

    [GeneratedRegex("^[A-Za-z0-9]{1,64}\\z")]
    private static partial Regex AccountSid();
}
