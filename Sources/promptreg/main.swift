Tool(arguments: Array(CommandLine.arguments.dropFirst())).start()
