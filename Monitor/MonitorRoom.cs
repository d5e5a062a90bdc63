namespace RvJit.Monitor;

/// <summary>Names the room for the dependency test.</summary>
public static class MonitorRoom;
