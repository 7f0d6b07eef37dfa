// What the page carries, as minidl/report/html/pack.py packed it: data, and rows of numbers beside it.
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const whole = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  const end = 4 + new DataView(whole).getUint32(0, true);
  return [JSON.parse(new TextDecoder().decode(whole.slice(4, end))), whole.slice(end)];
}
const [data, numbers] = await unpacked(document.getElementById("data").textContent);
