import Foundation

// What it prints depends on its arguments, so that Foundation is linked and none of it can be left out.
print(CommandLine.arguments.count < 9 ? "one line" : "\(Process()) \(URL(filePath: "/")) \(JSONEncoder())")
