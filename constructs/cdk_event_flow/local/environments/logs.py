"""What an environment writes: plain lines and framed records from one pipe, and the platform's own lines."""

import json
import time
from dataclasses import dataclass

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.invocation import LogLine

# A frame of the runtime client: type (the level in bits 2 to 4 of its last byte), length, microseconds, text. The first
# two bytes cannot occur in UTF-8 text in this order, which is how frames are told from plain lines.
_MAGIC = b"\xa5\x5a\x00"
_HEADER = 16
_LEVELS = ("", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "")


class LogReader:
    """Cuts the bytes of the pipe into records; a record may arrive in pieces."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes, now: float) -> list[LogLine]:
        """The records that `data` completes. `now`, epoch seconds, dates the plain lines; frames carry their own."""
        self._buffer += data
        lines: list[LogLine] = []
        while self._buffer:
            frame = self._buffer.find(_MAGIC)
            if frame == 0:
                if len(self._buffer) < _HEADER:
                    break
                end = _HEADER + int.from_bytes(self._buffer[4:8], "big")
                if len(self._buffer) < end:
                    break
                at = int.from_bytes(self._buffer[8:16], "big") / 1e6
                text = self._buffer[_HEADER:end].decode("utf-8", "replace").rstrip("\n")
                lines.append(LogLine(at=at, text=text, level=_LEVELS[self._buffer[3] >> 2 & 7]))
                self._buffer = self._buffer[end:]
                continue
            cut = self._buffer.find(b"\n", 0, None if frame < 0 else frame)
            if cut < 0 and frame < 0:
                break
            stop = frame if cut < 0 else cut
            lines.append(LogLine(at=now, text=self._buffer[:stop].decode("utf-8", "replace")))
            self._buffer = self._buffer[stop if cut < 0 else stop + 1 :]
        return lines

    def rest(self, now: float) -> list[LogLine]:
        """What is left without an end of line, as at the end of an invoke."""
        left, self._buffer = self._buffer, b""
        if left.startswith(_MAGIC):
            left = left[_HEADER:]
        return [LogLine(at=now, text=left.decode("utf-8", "replace"))] if left else []


def stamp(at: float) -> str:
    """Epoch seconds as CloudWatch Logs shows them."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The figures of one invoke. Times in milliseconds, memory in MB; `status` is AWS's: success, error, timeout."""

    duration_ms: float
    init_ms: float | None
    memory_mb: int
    status: str


def start_line(function: Function, request_id: str, version: str, at: float) -> LogLine:
    """The platform's line before an invoke."""
    if function.log_format == "JSON":
        return _platform("start", {"requestId": request_id, "version": version}, at)
    return LogLine(at=at, text=f"START RequestId: {request_id} Version: {version}")


def end_lines(function: Function, request_id: str, report: Report, at: float) -> list[LogLine]:
    """The platform's lines after an invoke."""
    billed = int(report.duration_ms + (report.init_ms or 0)) + 1
    if function.log_format == "JSON":
        metrics = {
            "durationMs": round(report.duration_ms, 3),
            "billedDurationMs": billed,
            "memorySizeMB": function.memory,
            "maxMemoryUsedMB": report.memory_mb,
        }
        if report.init_ms is not None:
            metrics["initDurationMs"] = round(report.init_ms, 3)
        return [_platform("report", {"requestId": request_id, "metrics": metrics, "status": report.status}, at)]
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {report.duration_ms:.2f} ms",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {function.memory} MB",
        f"Max Memory Used: {report.memory_mb} MB",
    ]
    if report.init_ms is not None:
        fields.append(f"Init Duration: {report.init_ms:.2f} ms")
    if report.status != "success":
        fields.append(f"Status: {report.status}")
    return [LogLine(at=at, text=f"END RequestId: {request_id}"), LogLine(at=at, text="\t".join(fields))]


def _platform(kind: str, record: dict[str, object], at: float) -> LogLine:
    document = {"time": stamp(at), "type": f"platform.{kind}", "record": record}
    return LogLine(at=at, text=json.dumps(document), level="INFO")


def telemetry(request_id: str, version: str, report: Report, began: float, ended: float) -> list[dict[str, object]]:
    """What the platform tells extensions of an invoke.

    https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
    """
    start = {"requestId": request_id, "version": version}
    done = {"requestId": request_id, "status": report.status, "metrics": {"durationMs": round(report.duration_ms, 3)}}
    metrics = {"durationMs": round(report.duration_ms, 3), "maxMemoryUsedMB": report.memory_mb}
    if report.init_ms is not None:
        metrics["initDurationMs"] = round(report.init_ms, 3)
    return [
        {"time": stamp(began), "type": "platform.start", "record": start},
        {"time": stamp(ended), "type": "platform.runtimeDone", "record": done},
        {
            "time": stamp(ended),
            "type": "platform.report",
            "record": {"requestId": request_id, "status": report.status, "metrics": metrics},
        },
    ]
