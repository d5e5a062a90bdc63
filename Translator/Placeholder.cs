namespace RvJit.Translator;
