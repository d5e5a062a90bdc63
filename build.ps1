# Restores, builds, tests and publishes: artifacts/rvjit/ then holds the executable, to be put on PATH.
# Every line is plain PowerShell 7 and plain bash alike; what there is to decide is decided in MSBuild.
dotnet restore &&
dotnet build -c Release --no-restore &&
dotnet test -c Release --no-build --filter "TestCategory!=Slow" &&
dotnet publish Cli -c Release -p:PublishProfile=ReadyToRun
exit $LASTEXITCODE
