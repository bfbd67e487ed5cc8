import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.*;
import java.util.*;
import software.amazon.event.ruler.Machine;

/**
 * event-ruler over the events and banks of two files. Prints each bank's matches, rule by rule; then, for each line
 * `bank millis` that it reads, matches that long and prints its best rate.
 */
public class RulerBench {
  public static void main(String[] given) throws Exception {
    List<String> events = Files.readAllLines(Path.of(given[0]));
    List<Machine> machines = new ArrayList<>();
    for (JsonNode bank : new ObjectMapper().readTree(Path.of(given[1]).toFile())) {
      Machine machine = new Machine();
      int rules = bank.get("rules").size();
      for (int at = 0; at < rules; at++) machine.addRule(String.valueOf(at), bank.get("rules").get(at).asText());
      int[] counts = new int[rules];
      for (String event : events) for (String name : machine.rulesForJSONEvent(event)) counts[Integer.parseInt(name)]++;
      System.out.println(Arrays.toString(counts).replaceAll("[\\[\\] ]", ""));
      machines.add(machine);
    }
    Scanner turns = new Scanner(System.in);
    while (turns.hasNextInt()) System.out.println(best(machines.get(turns.nextInt()), events, turns.nextLong()));
  }

  /** The best slice by the time that this thread had a processor: what else runs on the machine must not count. */
  static double best(Machine machine, List<String> events, long millis) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long until = System.nanoTime() + millis * 1_000_000L;
    double best = 0;
    int at = 0, matched = 0, slice = 1_000;
    while (System.nanoTime() < until) {
      long start = threads.getCurrentThreadCpuTime();
      for (int count = 0; count < slice; count++) {
        matched += machine.rulesForJSONEvent(events.get(at)).size();
        at = (at + 1) % events.size();
      }
      best = Math.max(best, slice * 1e9 / (threads.getCurrentThreadCpuTime() - start));
    }
    if (matched < 0) throw new IllegalStateException();
    return best;
  }
}
