namespace RvJit.Translator.Regions;

/// <summary>A check, and the register that its bytes are relative to.</summary>
internal readonly record struct PlacedCheck(int Register, MergedCheck Check);
