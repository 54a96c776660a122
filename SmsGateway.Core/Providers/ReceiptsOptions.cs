using Microsoft.Extensions.Options;

namespace SmsGateway.Core.Providers;

/// <summary>
/// Where providers report delivery to: section <c>Receipts</c>. The workers put the address into each request; the API checks that it was signed.
/// </summary>
public sealed class ReceiptsOptions
{
    public const string Section = "Receipts";

    /// <summary>The address of the gateway as providers see it. Without it providers are asked for no receipts, and none is taken.</summary>
    public Uri? PublicUrl { get; set; }
}

/// <summary>The address that providers call back.</summary>
public sealed class ReceiptsOptionsValidator : IValidateOptions<ReceiptsOptions>
{
    public ValidateOptionsResult Validate(string? name, ReceiptsOptions options) =>
        options.PublicUrl is null || HttpAddress.IsValid(options.PublicUrl)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ReceiptsOptions.Section}:{nameof(options.PublicUrl)} is '{HttpAddress.Describe(options.PublicUrl)}'; "
                + $"{HttpAddress.Allowed}, or nothing");
}
