import Support

extension PromptVersion {
    /// Whether a run may delete this version as one that an earlier attempt had made already.
    ///
    /// A write whose answer was lost is sent again, and may take effect twice, and so may two runs at once. All that was
    /// sent is the same then, byte for byte, apart from the mark of another run. Anybody else's version differs in
    /// something, even where a client copied all tags: in its message, in a tag of its own, or in when it was made.
    ///
    /// - Parameters:
    ///   - other: A version with a lower number.
    ///   - versions: The versions of the prompt.
    /// - Returns: Whether it is such a repetition, as long as no alias points to it.
    package func isRepetition(of other: PromptVersion, among versions: [PromptVersion]) -> Bool {
        // A registry without marks loses no answer.
        guard tags[RunMark.tag] != nil, other.tags[RunMark.tag] != nil else { return false }
        return isSent(as: other) && isWithin(Self.latestWrite, of: other)
            && isSameRegistration(as: other, among: versions)
    }

    /// Whether an earlier version is the same registration, made at the same time: by the same run, or by another one of the
    /// same job, with tags of its own.
    ///
    /// - Parameters:
    ///   - other: A version with a lower number.
    ///   - versions: The versions of the prompt.
    /// - Returns: Whether it is.
    package func isSameRegistration(as other: PromptVersion, among versions: [PromptVersion]) -> Bool {
        guard other.number < number, isAttempt(like: other) || repeatsKey(of: other),
            content.differences(from: other.content).isEmpty, isWithin(Self.longestRun, of: other)
        else { return false }
        return !versions.contains { version in
            (other.number + 1..<number).contains(version.number)
                && VersionKey(of: version).map { $0.base >= other.number } == true
        }
    }

    /// Whether it is what another attempt at the same write leaves: the mark is the same, and so is the rest.
    ///
    /// - Parameter other: What one attempt left.
    /// - Returns: Whether it is.
    package func isAttempt(like other: PromptVersion) -> Bool {
        hasMark(of: other) && isSent(as: other)
    }

    private func hasMark(of other: PromptVersion) -> Bool {
        tags[RunMark.tag] != nil && tags[RunMark.tag] == other.tags[RunMark.tag]
    }

    /// Whether it has another run's mark, and was registered upon a version before the other one.
    private func repeatsKey(of other: PromptVersion) -> Bool {
        guard !hasMark(of: other), let key = VersionKey(of: other) else { return false }
        return VersionKey(of: self)?.repeats(key, of: other.number) ?? false
    }

    /// Whether everything that a run sends is the same, apart from its mark.
    private func isSent(as other: PromptVersion) -> Bool {
        if let createdBy, let theirs = other.createdBy, createdBy != theirs { return false }
        return content == other.content && content.template.isIdentical(to: other.content.template)
            && (description ?? "").isIdentical(to: other.description ?? "")
            && tags.count == other.tags.count
            && tags.allSatisfy {
                $0.key == RunMark.tag || other.tags[$0.key]?.isIdentical(to: $0.value) == true
            }
    }

    private func isWithin(_ milliseconds: Int, of other: PromptVersion) -> Bool {
        guard let createdAt, let before = other.createdAt else { return true }
        return createdAt - before <= milliseconds
    }

    /// How long after a version a repetition of it may be made, in milliseconds: a quarter of an hour. By default a run
    /// sends nothing after five minutes, and no usual server or gateway works on a request for another ten.
    private static let latestWrite = 900_000
    /// How long after a version a run at the same time may make its own, in milliseconds: an hour.
    private static let longestRun = 3_600_000
}
