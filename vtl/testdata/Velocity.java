import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/** Renders templates, one in base64 on each line, with Apache Velocity: + and the text, or - and what is wrong. */
public class Velocity {
    public static void main(String[] args) throws Exception {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("directive.set.null.allowed", "true");
        engine.init();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String template = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            String out;
            try {
                StringWriter text = new StringWriter();
                engine.evaluate(input(), text, "template", template);
                out = "+" + text;
            } catch (Throwable t) {
                out = "-" + t.getMessage();
            }
            System.out.println(Base64.getEncoder().encodeToString(out.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** What the tests' templates see. */
    static VelocityContext input() {
        Map<String, Object> body = map("name", "ada", "age", 36, "half", 0.5, "tags", list("a", "b"), "in", map("x", 1, "y", null),
                "list", list(map("n", 1), map("n", 2)), "on", true, "empty", "");
        VelocityContext c = new VelocityContext();
        c.put("body", body);
        c.put("name", "Ada");
        c.put("n", 7);
        return c;
    }

    static Map<String, Object> map(Object... entries) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) out.put((String) entries[i], entries[i + 1]);
        return out;
    }

    static List<Object> list(Object... items) { return new ArrayList<>(Arrays.asList(items)); }
}
