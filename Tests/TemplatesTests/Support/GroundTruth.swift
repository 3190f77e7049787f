import Foundation

/// What the real Jinja2, `str.format` and MLflow say, asked of the Python in the repository's virtual environment.
enum GroundTruth {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a script that has the decoded input as `items` and leaves its answer in `answer`; one process a call.
    static func ask<Input: Encodable, Answer: Decodable>(
        _ script: String, about items: Input, as type: Answer.Type = Answer.self
    ) throws -> Answer {
        let python = repository.appendingPathComponent(".build/venv/bin/python")
        let process = Process()
        process.executableURL = python
        process.arguments = ["-c", prelude + script + "\njson.dump(answer, sys.stdout)"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw Failure(description: "these tests need Python with MLflow 3.17.2 in .build/venv: \(error)")
        }
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(items))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "Python ended with status \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(Answer.self, from: answer)
    }

    /// The repository's root.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// `mlflow_module` reads one file of MLflow without importing the package, which takes seconds.
    private static let prelude = """
        import importlib.util, json, os, sys
        items = json.load(sys.stdin)
        def mlflow_module(path):
            root = importlib.util.find_spec("mlflow").submodule_search_locations[0]
            spec = importlib.util.spec_from_file_location("part_of_mlflow", os.path.join(root, path))
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module

        """
}

/// A generator of the same numbers each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Any of some pieces.
    mutating func pick<Piece>(_ pieces: [Piece]) -> Piece {
        pieces[Int.random(in: pieces.indices, using: &self)]
    }

    /// A text of some pieces put together at random.
    mutating func soup(of pieces: [String], length: ClosedRange<Int>) -> String {
        (0..<Int.random(in: length, using: &self)).map { _ in pick(pieces) }.joined()
    }
}
