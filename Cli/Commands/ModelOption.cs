using System.CommandLine;
using RvJit.Monitor;

namespace RvJit.Cli.Commands;

/// <summary><c>--model</c>: which Keystone is meant.</summary>
public static class ModelOption
{
    private static readonly SecurityModel[] _models = [SecurityModel.Hardened, SecurityModel.Stock];

    public static Option<SecurityModel> Create(string description) => new("--model")
    {
        Description = description,
        HelpName = string.Join('|', _models.Select(model => model.Name)),
        CustomParser = result =>
        {
            string name = result.Tokens[^1].Value;
            SecurityModel? model = Array.Find(_models, model => model.Name == name);
            if (model is null)
                result.AddError($"unknown model '{name}': say {string.Join(" or ", _models.Select(m => $"--model={m.Name}"))}");
            return model ?? SecurityModel.Hardened;
        },
    };

    public static SecurityModel Value(ParseResult result, Option<SecurityModel> option) => result.GetValue(option) ?? SecurityModel.Hardened;
}
