using RvJit.Fuzz.Support;

namespace RvJit.Fuzz.Guest;

/// <summary>Collects items; labels and groups get their numbers here.</summary>
internal sealed class ItemList
{
    private int _labels;
    private int _groups;

    public List<Item> Items { get; private set; } = [];

    public int NewLabel() => ++_labels;

    public int NewGroup() => ++_groups;

    /// <summary>Collects into a list of its own what an action adds.</summary>
    public List<Item> Aside(Action add)
    {
        List<Item> outer = Items;
        Items = [];
        add();
        List<Item> inner = Items;
        Items = outer;
        return inner;
    }

    public void Word(int group, uint word) => Items.Add(new Item(ItemKind.Word, group, word));

    public void Label(int label) => Items.Add(new Item(ItemKind.Label, 0, Label: label));

    public void Branch(int group, uint word, int label) => Items.Add(new Item(ItemKind.Branch, group, word, label));

    public void Jump(int group, int link, int label) => Branch(group, Encoder.Word("jal", rd: link), label);

    public void LoadAddress(int group, int register, int label, long plus = 0) =>
        Items.Add(new Item(ItemKind.LoadAddress, group, Label: label, Register: register, Value: plus));

    public void FarCall(int group, int link, int label) =>
        Items.Add(new Item(ItemKind.FarCall, group, Label: label, Register: link));

    /// <param name="value">Of 32 bits, signed.</param>
    public void LoadConstant(int group, int register, long value, bool isCount = false) =>
        Items.Add(new Item(ItemKind.LoadConstant, group, Register: register, Value: (int)value) { IsCount = isCount });

    public void Pad(int group, int pageOffset) => Items.Add(new Item(ItemKind.Pad, group, Value: pageOffset));
}
