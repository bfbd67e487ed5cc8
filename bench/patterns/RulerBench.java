import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.*;
import java.util.*;
import software.amazon.event.ruler.Machine;

/** Matches every event against every bank with event-ruler; prints a line a bank: events/s, then each rule's matches. */
public class RulerBench {
  public static void main(String[] given) throws Exception {
    List<String> events = Files.readAllLines(Path.of(given[0]));
    JsonNode banks = new ObjectMapper().readTree(Path.of(given[1]).toFile());
    long measuredMillis = Long.parseLong(given[2]);
    for (JsonNode bank : banks) {
      Machine machine = new Machine();
      int rules = bank.get("rules").size();
      for (int at = 0; at < rules; at++) machine.addRule(String.valueOf(at), bank.get("rules").get(at).asText());
      int[] counts = new int[rules];
      for (String event : events) for (String name : machine.rulesForJSONEvent(event)) counts[Integer.parseInt(name)]++;
      System.out.println(best(machine, events, measuredMillis) + " " + Arrays.toString(counts).replaceAll("[\\[\\] ]", ""));
    }
  }

  /** The best slice by the time that this thread had a processor: what else runs on the machine must not count. */
  static double best(Machine machine, List<String> events, long measuredMillis) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long until = System.nanoTime() + measuredMillis * 2_000_000L, measuredFrom = until - measuredMillis * 1_000_000L;
    double best = 0;
    int at = 0, matched = 0, slice = 2_000;
    while (System.nanoTime() < until) {
      boolean isWarm = System.nanoTime() >= measuredFrom;
      long start = threads.getCurrentThreadCpuTime();
      for (int count = 0; count < slice; count++) {
        matched += machine.rulesForJSONEvent(events.get(at)).size();
        at = (at + 1) % events.size();
      }
      if (isWarm) best = Math.max(best, slice * 1e9 / (threads.getCurrentThreadCpuTime() - start));
    }
    if (matched < 0) throw new IllegalStateException();
    return best;
  }
}
