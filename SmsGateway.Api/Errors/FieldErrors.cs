namespace SmsGateway.Api.Errors;

/// <summary>Collects what is wrong with a request, all of it at once. Allocates nothing while nothing is wrong.</summary>
internal struct FieldErrors
{
    private Dictionary<string, string[]>? _errors;

    public readonly bool Any => _errors is not null;

    public readonly int Count => _errors?.Count ?? 0;

    /// <param name="field">The field, header or parameter as the client spells it.</param>
    /// <param name="allowed">What is allowed.</param>
    public void Add(string field, string allowed) => (_errors ??= [])[field] = [allowed];

    /// <summary>Adds what is wrong with a part of the request, such as <c>messages[3]</c>.</summary>
    public void AddPart(string part, FieldErrors errors)
    {
        foreach (var (field, allowed) in errors._errors ?? [])
        {
            Add($"{part}.{field}", allowed[0]);
        }
    }

    public readonly Problem ToProblem() => new(ProblemTypes.InvalidRequest, "See errors for what is allowed.") { Errors = _errors };
}
