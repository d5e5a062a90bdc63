using RvJit.Machine.Devices;

namespace RvJit.Machine.Board;

/// <summary>
/// Writes the board down as kernels and firmware want it (Devicetree Specification; the Linux kernel's bindings
/// "riscv/cpus", "riscv/extensions", "sifive,clint", "sifive,plic-1.0.0", "virtio,mmio", "syscon-poweroff").
/// </summary>
public static class BoardDeviceTree
{
    private const string SerialPath = "/soc/serial@10000000";

    // Handles by which nodes refer to one another; those of the harts' interrupt controllers follow.
    private const uint PlicHandle = 1;
    private const uint FinisherHandle = 2;
    private const uint FirstHartHandle = 3;

    /// <summary>Not extensions to kernels, which want the widest as the type of the MMU.</summary>
    private static readonly string[] s_pagingModes = ["sv57", "sv48", "sv39"];

    public static byte[] Build(BoardDescription board)
    {
        var tree = new DeviceTreeWriter();
        tree.Node("", () =>
        {
            tree.Cells("#address-cells", 2);
            tree.Cells("#size-cells", 2);
            tree.Text("compatible", "riscv-virtio");
            tree.Text("model", "riscv-virtio,rvjit");
            Chosen(tree, board);
            tree.Node("aliases", () => tree.Text("serial0", SerialPath));
            tree.Node($"memory@{board.MemoryBase:x}", () =>
            {
                tree.Text("device_type", "memory");
                tree.Wide("reg", board.MemoryBase, board.MemoryBytes);
            });
            Harts(tree, board);
            tree.Node("soc", () =>
            {
                tree.Cells("#address-cells", 2);
                tree.Cells("#size-cells", 2);
                tree.Text("compatible", "simple-bus");
                tree.Flag("ranges");
                Devices(tree, board);
            });
            Switch(tree, "poweroff", Finisher.Pass);
            Switch(tree, "reboot", Finisher.Reset);
        });
        return tree.ToArray();
    }

    private static void Chosen(DeviceTreeWriter tree, BoardDescription board) => tree.Node("chosen", () =>
    {
        if (board.BootArguments.Length > 0)
            tree.Text("bootargs", board.BootArguments);
        if (board.InitialDiskBytes > 0)
        {
            tree.Wide("linux,initrd-start", board.InitialDiskAddress);
            tree.Wide("linux,initrd-end", board.InitialDiskAddress + board.InitialDiskBytes);
        }

        tree.Text("stdout-path", SerialPath);
        if (!board.RandomSeed.IsEmpty)
            tree.Bytes("rng-seed", board.RandomSeed.Span);
    });

    private static void Harts(DeviceTreeWriter tree, BoardDescription board) => tree.Node("cpus", () =>
    {
        tree.Cells("#address-cells", 1);
        tree.Cells("#size-cells", 0);
        tree.Cells("timebase-frequency", (uint)UserCsrs.TimebaseHertz);
        for (uint hart = 0; hart < board.Harts; hart++)
        {
            uint number = hart;
            tree.Node($"cpu@{number:x}", () => Hart(tree, board.Extensions, number));
        }
    });

    private static void Hart(DeviceTreeWriter tree, ExtensionSet extensions, uint number)
    {
        tree.Text("device_type", "cpu");
        tree.Cells("reg", number);
        tree.Text("status", "okay");
        tree.Text("compatible", "riscv");
        tree.Text("riscv,isa-base", "rv64i");
        tree.Text("riscv,isa-extensions", extensions.Members.Select(extension => extension.Name).Except(s_pagingModes));
        tree.Text("riscv,isa", extensions.ToString());
        if (PagingMode(extensions) is { } mode)
            tree.Text("mmu-type", $"riscv,{mode}");
        foreach ((string extension, string name) in (ReadOnlySpan<(string, string)>)
            [("zicbom", "riscv,cbom-block-size"), ("zicbop", "riscv,cbop-block-size"), ("zicboz", "riscv,cboz-block-size")])
        {
            if (extensions.Contains(extension))
                tree.Cells(name, ExtensionSet.CacheBlockBytes);
        }

        tree.Node("interrupt-controller", () =>
        {
            tree.Cells("#address-cells", 0);
            tree.Cells("#interrupt-cells", 1);
            tree.Flag("interrupt-controller");
            tree.Text("compatible", "riscv,cpu-intc");
            tree.Cells("phandle", FirstHartHandle + number);
        });
    }

    private static string? PagingMode(ExtensionSet extensions) =>
        s_pagingModes.FirstOrDefault(extensions.Contains);

    private static void Devices(DeviceTreeWriter tree, BoardDescription board)
    {
        Device(tree, "serial", BoardMap.Uart, Uart.AddressSpace, BoardMap.UartInterrupt, () =>
        {
            tree.Text("compatible", "ns16550a");
            tree.Cells("clock-frequency", Uart.ClockHertz);
        });
        Device(tree, "rtc", BoardMap.Rtc, GoldfishRtc.AddressSpace, BoardMap.RtcInterrupt,
            () => tree.Text("compatible", "google,goldfish-rtc"));
        for (int slot = 0; slot < board.VirtioDevices; slot++)
        {
            Device(tree, "virtio_mmio", BoardMap.VirtioSlot(slot), BoardMap.VirtioStride, BoardMap.VirtioInterrupt + slot,
                () => tree.Text("compatible", "virtio,mmio"));
        }

        Device(tree, "test", BoardMap.Finisher, Finisher.AddressSpace, 0, () =>
        {
            tree.Text("compatible", "sifive,test1", "sifive,test0", "syscon");
            tree.Cells("phandle", FinisherHandle);
        });
        Device(tree, "clint", BoardMap.Clint, Clint.AddressSpace, 0, () =>
        {
            tree.Text("compatible", "sifive,clint0", "riscv,clint0");
            tree.Cells("interrupts-extended", Wires(board.Harts, InterruptBit.MachineSoftware, InterruptBit.MachineTimer));
        });
        Device(tree, "plic", BoardMap.Plic, Plic.AddressSpace(board.Harts), 0, () =>
        {
            tree.Text("compatible", "sifive,plic-1.0.0", "riscv,plic0");
            tree.Cells("#address-cells", 0);
            tree.Cells("#interrupt-cells", 1);
            tree.Flag("interrupt-controller");
            tree.Cells("riscv,ndev", Plic.Sources);
            tree.Cells("interrupts-extended", Wires(board.Harts, InterruptBit.MachineExternal, InterruptBit.SupervisorExternal));
            tree.Cells("phandle", PlicHandle);
        });
    }

    private static void Device(DeviceTreeWriter tree, string name, ulong address, ulong size, int interrupt, Action content) =>
        tree.Node($"{name}@{address:x}", () =>
        {
            tree.Wide("reg", address, size);
            if (interrupt != 0)
            {
                tree.Cells("interrupt-parent", PlicHandle);
                tree.Cells("interrupts", (uint)interrupt);
            }

            content();
        });

    /// <summary>Two inputs of every hart, as handle and number.</summary>
    private static uint[] Wires(int harts, InterruptBit first, InterruptBit second) =>
    [
        .. Enumerable.Range(0, harts).SelectMany(hart => new[]
        {
            FirstHartHandle + (uint)hart, (uint)first, FirstHartHandle + (uint)hart, (uint)second,
        }),
    ];

    /// <summary>How a kernel without firmware's help ends the machine: a value for the finisher.</summary>
    private static void Switch(DeviceTreeWriter tree, string what, uint value) => tree.Node(what, () =>
    {
        tree.Text("compatible", $"syscon-{what}");
        tree.Cells("regmap", FinisherHandle);
        tree.Cells("offset", 0);
        tree.Cells("value", value);
    });
}
