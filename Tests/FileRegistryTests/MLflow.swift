import Foundation
import Testing

/// The real MLflow, in a Python process that lives as long as this: importing it takes seconds.
final class MLflow {
    /// What Python makes of a step.
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    /// Reads a line of JSON, a text with code, and answers with one, until its input ends.
    private static let loop = #"""
        import json, logging, os, sys, threading, traceback
        import mlflow
        from mlflow import MlflowClient

        answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        warnings = []

        class Collector(logging.Handler):
            def emit(self, record):
                if record.levelno >= logging.WARNING:
                    warnings.append(record.getMessage())

        logging.getLogger().addHandler(Collector())

        def connect(root):
            mlflow.set_tracking_uri("file:" + root)
            mlflow.set_registry_uri("file:" + root)
            return MlflowClient()

        def settle():
            for thread in threading.enumerate():
                if thread.name.startswith("link_prompt"):
                    thread.join()

        for line in sys.stdin:
            scope = {"connect": connect, "settle": settle, "warnings": warnings, "mlflow": mlflow, "os": os}
            try:
                exec(json.loads(line), scope)
                answer = {"result": scope.get("result")}
            except BaseException:
                answer = {"failure": traceback.format_exc()}
            print(json.dumps(answer), file=answers, flush=True)
        """#

    init() throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = repository.appendingPathComponent(".build/venv/bin/python")
        process.arguments = ["-c", Self.loop]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONUTF8": "1",
        ]) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Runs Python code, in which `connect(root)` gives a client.
    ///
    /// - Parameters:
    ///   - code: The code, which leaves something in `result`.
    ///   - root: The registry's folder: the variable `root`.
    /// - Returns: What it left.
    /// - Throws: `Failure` with Python's traceback.
    func run(_ code: String, root: String = "") throws -> Any? {
        var line = try JSONEncoder().encode("root = '\(root)'\n" + code)
        line.append(UInt8(ascii: "\n"))
        try input.fileHandleForWriting.write(contentsOf: line)
        while !buffer.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Failure(description: "Python ended; is there a virtual environment?") }
            buffer.append(more)
        }
        let end = try #require(buffer.firstIndex(of: UInt8(ascii: "\n")))
        defer { buffer = Data(buffer[(end + 1)...]) }
        let answer = try JSONSerialization.jsonObject(with: buffer[..<end]) as? [String: Any]
        if let failure = answer?["failure"] as? String { throw Failure(description: failure) }
        return answer?["result"]
    }
}
