namespace RvJit.Translator.Regions;

/// <summary>What a template left on the evaluation stack.</summary>
public enum Pushed
{
    Nothing,

    /// <summary>An int64.</summary>
    Long,

    /// <summary>An int32 that stands for its sign-extension.</summary>
    Word,

    /// <summary>An int32 that is not negative, so that either extension will do.</summary>
    Positive,
}
