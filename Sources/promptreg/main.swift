Tool(commandLine: CommandLine.arguments).start()
